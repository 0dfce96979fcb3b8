# needs: python3
exec /usr/bin/python3 -u - <<'END'
import collections, hashlib, json, re, struct, subprocess, sys, zlib, datetime, decimal, itertools, random
data = {"list": list(range(100)), "nested": {"a": [1.5, None, True, "ü€"]}, "big": 2**100}
text = json.dumps(data, sort_keys=True)
half = [json.loads(text) for _ in range(200)]
subprocess.run(["middle"], check=True)
print(all(json.dumps(d, sort_keys=True) == text for d in half))
print(hashlib.sha256(text.encode()).hexdigest())
print(json.dumps(data["nested"], indent=1))
print(collections.Counter(re.findall(r"\w", text)).most_common(3))
print(struct.pack("<IHq", 1, 2, -3).hex(), zlib.crc32(text.encode()))
print(datetime.date(2024, 2, 29) + datetime.timedelta(days=366), decimal.Decimal(1) / 7)
random.seed(7); print([random.randrange(100) for _ in range(5)], len(list(itertools.permutations(range(6)))))
try:
    json.loads("{")
except json.JSONDecodeError as e:
    print(e)
sys.exit(11)
END
