package dev.runsc.benchmark;

import java.io.IOException;
import java.util.Set;

/** Something that is measured in one go and gives one or more figures. */
interface Part {
    /** What it can measure. */
    Set<Figure> figures();

    /** Whether it makes sense for a contestant. */
    boolean suits(Contestant contestant);

    /**
     * Measures once.
     *
     * @param wanted the figures to add, if it can choose
     */
    void measure(Contestant contestant, Set<Figure> wanted, Samples into)
            throws IOException, InterruptedException;
}
