PRAGMA auto_vacuum = INCREMENTAL;
PRAGMA journal_mode = WAL;
PRAGMA application_id = 1397179722;
PRAGMA user_version = 2;
BEGIN TRANSACTION;
CREATE TABLE drift (
    seq INTEGER PRIMARY KEY, run INTEGER NOT NULL, status TEXT NOT NULL, fault TEXT, input TEXT NOT NULL,
    frames INTEGER NOT NULL, frames_needed INTEGER, looks INTEGER NOT NULL,
    agreement REAL, agreement_low REAL, agreement_high REAL, recent REAL, recent_low REAL, recent_high REAL,
    evidence TEXT NOT NULL, moved TEXT NOT NULL,
    int8_accuracy REAL, int8_low REAL, int8_high REAL, float_accuracy REAL, float_low REAL, float_high REAL, silent TEXT,
    labelled INTEGER NOT NULL, both_right INTEGER NOT NULL, int8_alone_right INTEGER NOT NULL,
    float_alone_right INTEGER NOT NULL, difference_low REAL, difference_high REAL
);
INSERT INTO "drift" VALUES(2,1,'ok',NULL,'ok',1000,NULL,100,0.995,0.985,1.0,0.995,0.985,1.0,'{}','[]',0.95,0.94,0.96,0.95,0.94,0.96,NULL,0,0,0,0,NULL,NULL);
INSERT INTO "drift" VALUES(5,1,'drift','input','ok',1000,NULL,100,0.95,0.94,0.96,0.95,0.94,0.96,'{"brightness": 1.0}','[["brightness", "lower", 0.7]]',NULL,NULL,NULL,NULL,NULL,NULL,'too unlike',0,0,0,0,NULL,NULL);
INSERT INTO "drift" VALUES(12,1,'ok',NULL,'ok',1000,NULL,100,0.995,0.985,1.0,0.995,0.985,1.0,'{}','[]',0.95,0.94,0.96,0.95,0.94,0.96,NULL,8,4,1,0,-0.1,0.1);
INSERT INTO "drift" VALUES(15,14,'ok',NULL,'ok',1000,NULL,100,0.995,0.985,1.0,0.995,0.985,1.0,'{}','[]',0.95,0.94,0.96,0.95,0.94,0.96,NULL,0,0,0,0,NULL,NULL);
CREATE TABLE events (
    seq INTEGER PRIMARY KEY, run INTEGER NOT NULL, wall REAL NOT NULL, mono REAL NOT NULL, kind TEXT NOT NULL,
    text TEXT NOT NULL, value TEXT
);
INSERT INTO "events" VALUES(3,1,1795500060.0,60.0,'camera','lost',NULL);
INSERT INTO "events" VALUES(6,1,1795500120.0,120.0,'camera','back',NULL);
INSERT INTO "events" VALUES(7,1,1795500120.0,120.0,'verdict','drift: input drift: the frames are not like the reference (brightness lower); agreement 95.00% on 100 frames (95 % at all times: 94.0% to 96.0%)','{"status": "drift", "fault": "input", "agreement": {"status": "drift", "rate": 0.95, "interval": [0.94, 0.96], "looks": 100, "frames_needed": 0}, "input": "ok", "moved": [{"statistic": "brightness", "direction": "lower", "distance": 0.7}], "frames_needed": null, "text": "drift: input drift: the frames are not like the reference (brightness lower); agreement 95.00% on 100 frames (95 % at all times: 94.0% to 96.0%)"}');
INSERT INTO "events" VALUES(8,1,1795500120.0,120.0,'fact','celsius: 55','{"celsius": 55}');
INSERT INTO "events" VALUES(9,1,1795500120.0,120.0,'fact','throttling: throttled','{"throttling": ["throttled"]}');
CREATE TABLE hardest (
    seq INTEGER NOT NULL, place INTEGER NOT NULL, frame INTEGER NOT NULL, margin REAL NOT NULL, scores TEXT NOT NULL,
    twin TEXT, PRIMARY KEY (seq, place)
) WITHOUT ROWID;
INSERT INTO "hardest" VALUES(2,0,0,1.00000023841857910156e-01,'[0.45, 0.55]',NULL);
INSERT INTO "hardest" VALUES(2,1,1,1.00000023841857910156e-01,'[0.45, 0.55]',NULL);
INSERT INTO "hardest" VALUES(2,2,2,1.00000023841857910156e-01,'[0.45, 0.55]',NULL);
INSERT INTO "hardest" VALUES(5,0,0,1.00000023841857910156e-01,'[0.45, 0.55]',NULL);
INSERT INTO "hardest" VALUES(5,1,1,1.00000023841857910156e-01,'[0.45, 0.55]',NULL);
INSERT INTO "hardest" VALUES(5,2,2,1.00000023841857910156e-01,'[0.45, 0.55]',NULL);
INSERT INTO "hardest" VALUES(12,0,0,1.00000023841857910156e-01,'[0.45, 0.55]',NULL);
INSERT INTO "hardest" VALUES(12,1,1,1.00000023841857910156e-01,'[0.45, 0.55]',NULL);
INSERT INTO "hardest" VALUES(12,2,2,1.00000023841857910156e-01,'[0.45, 0.55]',NULL);
INSERT INTO "hardest" VALUES(15,0,0,1.00000023841857910156e-01,'[0.45, 0.55]',NULL);
INSERT INTO "hardest" VALUES(15,1,1,1.00000023841857910156e-01,'[0.45, 0.55]',NULL);
INSERT INTO "hardest" VALUES(15,2,2,1.00000023841857910156e-01,'[0.45, 0.55]',NULL);
CREATE TABLE minutes (
    seq INTEGER PRIMARY KEY, run INTEGER NOT NULL, number INTEGER NOT NULL, wall REAL NOT NULL, mono REAL NOT NULL,
    seconds REAL NOT NULL, frames INTEGER NOT NULL, undecodable INTEGER NOT NULL, dropped INTEGER NOT NULL,
    unseen TEXT NOT NULL, counts TEXT NOT NULL, looks INTEGER NOT NULL, same INTEGER NOT NULL, classes TEXT NOT NULL,
    confidence REAL, latency_p50_ms REAL, latency_p99_ms REAL, brightness REAL
);
INSERT INTO "minutes" VALUES(2,1,0,1795500000.0,0.0,50.0,6,0,0,'{}','{"1": 6}',6,6,'{"1": [6, 6]}',5.49999999999999933386e-01,5.0,5.0,100.0);
INSERT INTO "minutes" VALUES(5,1,1,1795500060.0,60.0,50.0,6,0,0,'{}','{"1": 6}',6,6,'{"1": [6, 6]}',5.49999999999999933386e-01,5.0,5.0,100.0);
INSERT INTO "minutes" VALUES(12,1,2,1795500120.0,120.0,50.0,6,0,0,'{}','{"1": 6}',6,6,'{"1": [6, 6]}',5.49999999999999933386e-01,5.0,5.0,100.0);
INSERT INTO "minutes" VALUES(15,14,0,1795500180.0,0.0,50.0,6,0,0,'{}','{"1": 6}',6,6,'{"1": [6, 6]}',5.49999999999999933386e-01,5.0,5.0,100.0);
CREATE TABLE runs (seq INTEGER PRIMARY KEY, wall REAL NOT NULL, same TEXT NOT NULL, facts TEXT NOT NULL,
    ended REAL);
INSERT INTO "runs" VALUES(1,1795500000.0,'camera=0','{"version": "0.1.0", "models": {"model": "abababababababababababababababababababababababababababababababab"}, "camera": "0", "labels": ["0", "1"], "drift": {"floor": 0.99}, "board": {"model": "Raspberry Pi 5", "machine": "aarch64", "python": "3.13.1"}, "runtime": "LiteRT 1"}',180.0);
INSERT INTO "runs" VALUES(14,1795500180.0,'camera=0','{"version": "0.1.0", "models": {"model": "abababababababababababababababababababababababababababababababab"}, "camera": "0", "labels": ["0", "1"]}',60.0);
CREATE TABLE states (name TEXT NOT NULL, same TEXT NOT NULL, seq INTEGER NOT NULL, value TEXT NOT NULL,
    PRIMARY KEY (name, same));
INSERT INTO "states" VALUES('drift monitor','camera=0',10,'{"version": 2}');
INSERT INTO "states" VALUES('drift report','camera=0',16,'{"verdict": {"status": "ok", "fault": null, "agreement": {"status": "ok", "rate": 0.995, "interval": [0.985, 1.0], "looks": 100, "frames_needed": 0}, "input": "ok", "moved": [], "frames_needed": null, "text": "ok; agreement 99.50% on 100 frames (95 % at all times: 98.5% to 100.0%)"}, "frames": 1000, "recent_agreement": {"mean": 0.995, "interval": [0.985, 1.0]}, "ordinary_agreement": {"status": "ok", "rate": 0.995, "interval": [0.985, 1.0], "looks": 100, "frames_needed": 0}, "classes": {"0": {"status": "ok", "rate": 0.995, "interval": [0.985, 1.0], "looks": 100, "frames_needed": 0}, "1": {"status": "ok", "rate": 0.995, "interval": [0.985, 1.0], "looks": 100, "frames_needed": 0}}, "score_distance": {"mean": 0.995, "interval": [0.985, 1.0]}, "confidence_shift": {"mean": 0.995, "interval": [0.985, 1.0]}, "statistics": [], "estimated_accuracy": {"int8": {"accuracy": 0.95, "interval": [0.94, 0.96]}, "float": {"accuracy": 0.95, "interval": [0.94, 0.96]}, "silent": null}, "labelled": {"n": 0, "int8": null, "float": null, "difference": null, "interval": null, "p_equal": null}}');
COMMIT;
