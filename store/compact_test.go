package store_test

import (
	"database/sql"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pressly/goose/v3"

	"unmirror/internal/keyring"
	"unmirror/store"
)

// TestAnOlderAuditLogIsMadeSmallAndStaysWhole goes back to the columns that a record had before, by which every row names the hash
// before it and its key, and forward again.
func TestAnOlderAuditLogIsMadeSmallAndStaysWhole(t *testing.T) {
	l := newLog(t, 3)
	must(t, l.s.Close())
	must(t, keyring.Rotate(l.keys))
	l.open(t)
	l.write(t, 3)
	objects := []string{"case_0", "case_1", "case_2"}
	before, head, err := l.s.AuditProof(t.Context(), objects)
	must(t, err)
	tail, err := l.s.AuditTail(t.Context(), 10)
	must(t, err)
	must(t, l.s.Close())

	l.migrateTo(t, 27)
	db, err := sql.Open("sqlite", "file:"+filepath.Join(l.dir, store.FileName))
	must(t, err)
	var rows, chained, keyed, digests int
	must(t, db.QueryRow(`SELECT COUNT(*), SUM(prev = COALESCE((SELECT b.hash FROM audit b WHERE b.seq = audit.seq - 1), zeroblob(32))),
		SUM(length(key) = 16), SUM(detail LIKE '%0123abcd') FROM audit`).Scan(&rows, &chained, &keyed, &digests))
	must(t, db.Close())
	if rows != 6 || chained != 6 || keyed != 6 || digests != 2 {
		t.Fatalf("of %d rows %d name the one before, %d their key, %d their digest", rows, chained, keyed, digests)
	}

	l.open(t)
	must(t, l.verify(t))
	again, _, err := l.s.AuditProof(t.Context(), objects)
	must(t, err)
	if !slices.EqualFunc(before, again, func(a, b store.Proof) bool {
		return a.Seq == b.Seq && a.Key == b.Key && string(a.Text) == string(b.Text) && string(a.Sig) == string(b.Sig)
	}) {
		t.Error("rows read otherwise than before")
	}
	if now, err := l.s.AuditTail(t.Context(), 10); err != nil || !slices.Equal(now, tail) {
		t.Errorf("the log reads otherwise than before: %v", err)
	}
	l.write(t, 2)
	must(t, l.verify(t))
	if _, end, err := l.s.AuditProof(t.Context(), nil); err != nil || end.Seq != head.Seq+2 {
		t.Errorf("the log ends with row %d, %v", end.Seq, err)
	}
	l.exec(t, `UPDATE audit SET digest = zeroblob(32) WHERE seq = 2`)
	l.wantBroken(t, "was changed")
}

// migrateTo brings the closed record back to an older schema.
func (l *log) migrateTo(t *testing.T, version int64) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(l.dir, store.FileName))
	must(t, err)
	defer func() { must(t, db.Close()) }()
	files, err := fs.Sub(os.DirFS("."), "migrations")
	must(t, err)
	p, err := goose.NewProvider(goose.DialectSQLite3, db, files)
	must(t, err)
	_, err = p.DownTo(t.Context(), version)
	must(t, err)
}

// TestCasesAndMailsOfAnOlderRecordAreFoundAgain fills the columns as they were.
func TestCasesAndMailsOfAnOlderRecordAreFoundAgain(t *testing.T) {
	l := newLog(t, 1)
	must(t, l.s.Close())
	l.migrateTo(t, 27)
	const casesAs = `(id, key, state, created, updated, leak, url, place, ip, site_contact, source, best, grade, verdict, bits, coverage, passages,
		subjects, categories, in_archive, triage_due) VALUES (?1, ?2, 'open', 1, 1, 'x', x'', x'', x'', x'', '', '', '', '', 0, 0, 0, 0, '', 0, 0)`
	for i, id := range []string{"case_b", "case_a"} {
		l.exec(t, `INSERT INTO cases `+casesAs, id, []byte{byte(i)})
		l.exec(t, `INSERT INTO checks (case_id, at, outcome, counted, reason) VALUES (?1, 5, 'live', 0, x''), (?1, 6, 'gone', 1, x'')`, id)
		l.exec(t, `INSERT INTO notices (id, case_id, state, created, updated, round, version, digest, language, recipient, addressed, missing,
			message_id, accepted) VALUES (?1, ?2, 'sent', 1, 1, 0, 2, '', '', x'', 1, 0, '', x'')`, strings.Replace(id, "case", "notice", 1), id)
	}
	l.exec(t, `INSERT INTO sent_ids VALUES ('<notice_a.1.abc@us.example>', 'notice_a', 1), ('<notice_a.2.abd@us.example>', 'notice_a', 2),
		('<notice_b.2.xyz@us.example>', 'notice_b', 2)`)
	l.open(t)
	var found string
	must(t, l.s.Read(t.Context(), func(tx *store.Tx) error {
		return tx.QueryRow(`SELECT (SELECT group_concat(c.id || c.no || k.outcome || k.at || k.counted, ' ') FROM
			(SELECT * FROM checks ORDER BY id) k JOIN cases c ON c.no = k.case_no) || ' ' ||
			(SELECT group_concat(notice_id || version || rest, ' ') FROM (SELECT * FROM sent_ids ORDER BY notice_id, version))`).Scan(&found)
	}))
	if want := "case_b2live50 case_b2gone61 case_a1live50 case_a1gone61 notice_a1abc@us.example> notice_a2abd@us.example> notice_b2xyz@us.example>"; found != want {
		t.Errorf("got  %s\nwant %s", found, want)
	}
	must(t, l.verify(t))
}
