package dev.runsc.tidy;

import java.util.List;

/**
 * A text file of the checkout.
 *
 * @param path from the root of the checkout, with slashes
 * @param text all of it
 */
record SourceFile(String path, String text) {
    List<String> lines() {
        return text.lines().toList();
    }

    String name() {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    /** The folder, without a slash at its end. */
    String folder() {
        return path.contains("/") ? path.substring(0, path.lastIndexOf('/')) : "";
    }

    boolean isJava() {
        return path.endsWith(".java");
    }

    boolean isC() {
        return path.endsWith(".c") || path.endsWith(".h") || path.endsWith(".S");
    }

    boolean isShell() {
        return path.endsWith(".sh")
                || text.startsWith("#!/bin/")
                || text.startsWith("#!/usr/bin/env ");
    }

    boolean isDoc() {
        return path.endsWith(".md");
    }

    /** Written by hand and read as a program; not data, not prose. */
    boolean isCode() {
        return isJava()
                || isC()
                || isShell()
                || path.endsWith("pom.xml")
                || name().equals("Makefile");
    }

    boolean isMainJava() {
        return isJava() && path.contains("/src/main/java/");
    }

    /** The Java sources of the kernel itself, without its tests. */
    boolean isKernel() {
        return path.startsWith("kernel/src/main/java/dev/runsc/kernel/");
    }

    /** Whether the file is in a package of the kernel or below it. */
    boolean isKernelPackage(String name) {
        return path.startsWith(
                "kernel/src/main/java/dev/runsc/kernel/" + name.replace('.', '/') + "/");
    }
}
