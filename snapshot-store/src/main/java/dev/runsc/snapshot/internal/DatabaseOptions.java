package dev.runsc.snapshot.internal;

import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.ChecksumType;
import org.rocksdb.CompressionType;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.Options;

/**
 * How RocksDB is set up. Databases are opened for milliseconds, so nothing runs in the background.
 */
final class DatabaseOptions {
    /** Any bound makes RocksDB open a table when it is needed, not all at the start. */
    static final int MAX_OPEN_TABLES = 4096;

    /**
     * A compaction's output; packs are single files of at most {@link PackWriter#MAX_FILE_BYTES}.
     */
    private static final long TARGET_FILE_BYTES = 2L << 30;

    /** Bytes of a table written before the system is told to start writing them to disk. */
    private static final long BYTES_PER_SYNC = 8L << 20;

    private DatabaseOptions() {}

    static Options database(boolean create) {
        Options options = common();
        options.setCreateIfMissing(create)
                .setErrorIfExists(false)
                .setMaxOpenFiles(MAX_OPEN_TABLES)
                .setMaxFileOpeningThreads(1)
                .setSkipStatsUpdateOnDbOpen(true)
                .setStatsDumpPeriodSec(0)
                .setStatsPersistPeriodSec(0)
                .setEnableThreadTracking(false)
                .setInfoLogLevel(InfoLogLevel.FATAL_LEVEL)
                .setKeepLogFileNum(1)
                .setMaxManifestFileSize(1 << 20)
                .setManifestPreallocationSize(4 << 10)
                .setMaxBackgroundJobs(2)
                .setAvoidUnnecessaryBlockingIO(false)
                .setDisableAutoCompactions(true)
                // A batch must stay in one memory table, however large; see Database.commit.
                .setWriteBufferSize(64L << 20)
                .setArenaBlockSize(256 << 10)
                .setTargetFileSizeBase(TARGET_FILE_BYTES)
                .setMaxCompactionBytes(Long.MAX_VALUE >> 1);
        return options;
    }

    static Options table() {
        return common().setBytesPerSync(BYTES_PER_SYNC);
    }

    private static Options common() {
        BlockBasedTableConfig tables =
                new BlockBasedTableConfig()
                        .setChecksumType(ChecksumType.kXXH3)
                        .setNoBlockCache(true)
                        .setBlockSize(16 << 10);
        return new Options()
                .setCompressionType(CompressionType.NO_COMPRESSION)
                .setTableFormatConfig(tables);
    }
}
