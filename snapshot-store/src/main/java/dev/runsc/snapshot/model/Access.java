package dev.runsc.snapshot.model;

/** What a command means to do with a store; it decides what opening it may create or change. */
public enum Access {
    /** Read and write; a missing or empty directory becomes a store with the first snapshot. */
    CREATE,
    /** Read only: takes no write lock, creates and changes nothing. */
    READ_ONLY,
    /** Read and write a store that is already there. */
    READ_WRITE
}
