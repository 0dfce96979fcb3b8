/**
 * The OCI runtime specification as far as this runtime acts on it: config.json as records.
 *
 * <p>{@link dev.runsc.cli.oci.OciReader} reads and checks, {@link dev.runsc.cli.oci.OciSpec} is the
 * result, {@link dev.runsc.cli.oci.SpecMatch} says whether a snapshot's spec fits another. What no
 * code of ours reads yet is kept as canonical JSON text where a restore must compare it, and passed
 * over otherwise. Values only: no locks, no host access. The text of the document travels on in
 * state files and manifests.
 */
@NullMarked
package dev.runsc.cli.oci;

import org.jspecify.annotations.NullMarked;
