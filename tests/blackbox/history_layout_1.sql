-- The history as the first version wrote it: a file of layout 1, as `.dump` has it, after a job and a command. It never changes: a
-- gateway of any later version goes on with such a file, and nothing in it is lost (test_serve_history.py).
BEGIN TRANSACTION;
CREATE TABLE entries ( id INTEGER PRIMARY KEY, t_ms INTEGER NOT NULL, printer INTEGER NOT NULL REFERENCES printers (id), type INTEGER NOT NULL, job INTEGER, elapsed_ms INTEGER, command INTEGER, force INTEGER NOT NULL, kind TEXT NOT NULL, asker TEXT NOT NULL, outcome TEXT NOT NULL, value TEXT NOT NULL, text TEXT NOT NULL);
INSERT INTO "entries" VALUES(1,1795956446908,1,0,NULL,NULL,NULL,0,'online','','','','');
INSERT INTO "entries" VALUES(2,1795956447500,1,0,1,NULL,NULL,0,'job_finished','','','','flagship_benchy_0.2mm_PLA_Anker_M5.gcode');
INSERT INTO "entries" VALUES(3,1795956448897,1,1,NULL,1,1,0,'bed','api','confirmed','55 °C','the bed target is 55 °C');
CREATE TABLE hours (t INTEGER NOT NULL, printer INTEGER NOT NULL, count INTEGER NOT NULL, nozzle_min INTEGER, nozzle_mean INTEGER, nozzle_max INTEGER, nozzle_target INTEGER, bed_min INTEGER, bed_mean INTEGER, bed_max INTEGER, bed_target INTEGER, PRIMARY KEY (t, printer)) WITHOUT ROWID;
INSERT INTO "hours" VALUES(1795953600,1,2,8290,14838,21386,0,5515,5760,6004,5500);
CREATE TABLE jobs ( id INTEGER PRIMARY KEY, printer INTEGER NOT NULL REFERENCES printers (id), outcome INTEGER NOT NULL, joined INTEGER NOT NULL, begun_ms INTEGER NOT NULL, started_ms INTEGER, ended_ms INTEGER, duration_ms INTEGER, elapsed_s INTEGER, progress INTEGER, layer INTEGER, layers INTEGER, thumbnail INTEGER, filament_used INTEGER, filament_estimated INTEGER, filament_unit TEXT NOT NULL, task_id TEXT NOT NULL, file TEXT NOT NULL, hash TEXT NOT NULL, path TEXT NOT NULL, reason TEXT NOT NULL);
INSERT INTO "jobs" VALUES(1,1,1,1,1795955286909,NULL,1795956447500,1160591,1195,10000,120,120,NULL,3710000,3710000,'mm','5b390df3-66c7-4d20-963e-a4e53cb97d30','flagship_benchy_0.2mm_PLA_Anker_M5.gcode','','','');
CREATE TABLE minutes (t INTEGER NOT NULL, printer INTEGER NOT NULL, count INTEGER NOT NULL, nozzle_min INTEGER, nozzle_mean INTEGER, nozzle_max INTEGER, nozzle_target INTEGER, bed_min INTEGER, bed_mean INTEGER, bed_max INTEGER, bed_target INTEGER, PRIMARY KEY (t, printer)) WITHOUT ROWID;
INSERT INTO "minutes" VALUES(1795956420,1,2,8290,14838,21386,0,5515,5760,6004,5500);
CREATE TABLE printers ( id INTEGER PRIMARY KEY, serial TEXT NOT NULL UNIQUE, name TEXT NOT NULL);
INSERT INTO "printers" VALUES(1,'HISTORY1','Left');
CREATE TABLE samples ( t INTEGER NOT NULL, printer INTEGER NOT NULL, nozzle INTEGER, nozzle_target INTEGER, bed INTEGER, bed_target INTEGER, PRIMARY KEY (t, printer)) WITHOUT ROWID;
INSERT INTO "samples" VALUES(1795956445,1,21386,0,6004,0);
INSERT INTO "samples" VALUES(1795956450,1,8290,0,5515,5500);
CREATE INDEX jobs_of_printer ON jobs (printer, id);
CREATE INDEX jobs_going_on ON jobs (id) WHERE outcome = 0;
CREATE INDEX entries_of_printer ON entries (printer, id);
CREATE INDEX entries_by_time ON entries (t_ms);
PRAGMA user_version = 1;
COMMIT;
