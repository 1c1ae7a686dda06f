package xarf_test

import (
	"bytes"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"

	"unmirror/takedown/law"
	"unmirror/takedown/notice"
	"unmirror/takedown/xarf"
)

func schema(t testing.TB) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	s, err := c.Compile("testdata/exposed-data.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func conforms(s *jsonschema.Schema, report []byte) error {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(report))
	if err != nil {
		return err
	}
	return s.Validate(doc)
}

func TestEveryReportOfANoticeConformsToTheSchema(t *testing.T) {
	s := schema(t)
	table, err := law.Load()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, r := range table.Regimes() {
		for _, kind := range r.Recipients {
			f := notice.Sample(r, "", kind, "nl")
			for i := range f.Locations {
				b, err := notice.XARF(f, notice.Envelope{From: "takedown@dienst.example"}, i)
				if err != nil {
					t.Fatal(err)
				}
				if err := conforms(s, b); err != nil {
					t.Errorf("%s to %s: %v\n%s", r.ID, kind, err, b)
				}
				n++
			}
		}
	}
	if n < 10 {
		t.Errorf("only %d reports", n)
	}
}

// What our own validator lets through, the schema does too: the validator alone stands between a report and the mail.
func TestWhatTheValidatorPassesTheSchemaPasses(t *testing.T) {
	s := schema(t)
	rapid.Check(t, func(t *rapid.T) {
		i := incident()
		i.URL = rapid.OneOf(rapid.SampledFrom([]string{i.URL, "http://[2001:db8::1]:8080/x", "ftp://x.example/a%20b", "http://x.example/a|b", "http://x.example/[1]", "https://x.example/?q=ä"}), rapid.String()).Draw(t, "url")
		i.Host = rapid.OneOf(rapid.SampledFrom([]string{"files.example.net", "192.0.2.7", "xn--bcher-kva.example", "a_b.example", "-a.example", "x..y"}), rapid.String()).Draw(t, "host")
		i.IP = rapid.SampledFrom([]string{"", "192.0.2.7", "2001:db8::1", "300.1.1.1"}).Draw(t, "ip")
		i.Port = rapid.IntRange(-1, 70000).Draw(t, "port")
		i.Ticket = rapid.String().Draw(t, "ticket")
		i.Description = rapid.String().Draw(t, "description")
		i.Exposure = rapid.String().Draw(t, "exposure")
		i.Categories = rapid.SliceOf(rapid.SampledFrom([]string{"health", "finance", "x y", "", "national_number"})).Draw(t, "categories")
		i.Reporter.Contact = rapid.OneOf(rapid.SampledFrom([]string{"dpo@example.org", "a+b@sub.example.org", "a b@example.org", "x", "\"a b\"@example.org", "ä@example.org"}), rapid.String()).Draw(t, "contact")
		b, err := xarf.Report(i)
		if err != nil {
			t.Fatal(err)
		}
		if xarf.Validate(b) != nil {
			return
		}
		if err := conforms(s, b); err != nil {
			t.Fatalf("%v\n%s", err, b)
		}
	})
}

func TestTheSchemaRefusesWhatTheValidatorRefuses(t *testing.T) {
	s := schema(t)
	good, err := xarf.Report(incident())
	if err != nil || conforms(s, good) != nil {
		t.Fatal(err, conforms(s, good))
	}
	for f, v := range map[string]any{"xarf_version": "3.0.0", "report_id": "17", "timestamp": "yesterday", "reporter": map[string]any{"org": "x"},
		"category": "messaging", "type": "phishing", "data_types": []string{}, "exposure_method": "magic", "source_port": 70000, "evidence": []string{"x"}} {
		b := change(t, good, f, v)
		if xarf.Validate(b) == nil || conforms(s, b) == nil {
			t.Errorf("%s passes: validator %v, schema %v", f, xarf.Validate(b), conforms(s, b))
		}
	}
}
