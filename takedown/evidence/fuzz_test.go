package evidence

import (
	"bytes"
	"math/big"
	"testing"
	"time"

	"unmirror/takedown/evidence/tsatest"
)

// FuzzToken feeds whatever an authority may answer: only a token of the digest that was asked for, under the nonce, passes.
func FuzzToken(f *testing.F) {
	tsa := tsatest.New(f, nil)
	a, err := NewAuthority(tsa.URL, tsa.CA, "", time.Now)
	if err != nil {
		f.Fatal(err)
	}
	digest := bytes.Repeat([]byte{7}, 32)
	tok, err := a.Stamp(f.Context(), digest)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(tok.Raw)
	f.Add(tok.Raw[:len(tok.Raw)/2])
	f.Add([]byte{0x30, 0x80, 0, 0})
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, raw []byte) {
		if tok, err := a.check(raw, digest, big.NewInt(1)); err == nil {
			t.Fatalf("took %+v", tok)
		}
	})
}

// FuzzManifest appends to whatever a crash or somebody left: nothing of it is rewritten, and what is noted once stands there once.
func FuzzManifest(f *testing.F) {
	event := Event{What: "kept", File: "evidence_1.warc.gz.age", SHA256: "ab", At: time.Unix(0, 0).UTC()}
	whole, err := appendix(nil, []Event{event})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add(whole[:len(whole)/2])
	f.Add([]byte("\n\n"))
	f.Add([]byte("{}\n{\"n\":9}"))
	f.Fuzz(func(t *testing.T, old []byte) {
		more, err := appendix(old, []Event{event})
		if err != nil {
			t.Fatal(err)
		}
		all := append(bytes.Clone(old), more...)
		again, err := appendix(all, []Event{event})
		if err != nil || len(bytes.TrimLeft(again, "\n")) != 0 {
			t.Fatalf("%q became %q, and then %q more: %v", old, all, again, err)
		}
		_, _ = VerifyManifest(all)
	})
}
