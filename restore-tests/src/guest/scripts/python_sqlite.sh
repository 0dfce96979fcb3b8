# needs: python3
exec /usr/bin/python3 -u - <<'END'
import sqlite3, subprocess
db = sqlite3.connect(":memory:")
db.execute("create table t(a integer primary key, b text)")
db.executemany("insert into t values(?, ?)", ((i, f"row {i}") for i in range(5000)))
cursor = db.execute("select a from t order by a"); first = [cursor.fetchone()[0] for _ in range(100)]
subprocess.run(["middle"], check=True)
db.commit(); print(sum(first) + sum(a for a, in cursor))
print(db.execute("select count(*), sum(a), max(b) from t").fetchone())
disk = sqlite3.connect("x.db"); disk.execute("pragma journal_mode=wal"); db.backup(disk)
disk.execute("create index i on t(b)"); disk.commit()
other = sqlite3.connect("x.db"); print(other.execute("select a from t where b = 'row 77'").fetchone(), other.execute("pragma integrity_check").fetchone())
disk.execute("begin immediate"); disk.execute("delete from t")
other.execute("pragma busy_timeout=10")
try: other.execute("begin immediate")
except sqlite3.OperationalError as e: print(e)
disk.rollback(); print(other.execute("select count(*) from t").fetchone())
END
