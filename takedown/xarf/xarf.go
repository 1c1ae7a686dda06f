// Package xarf writes one location of re-published personal data as an XARF v4 report (content, exposed_data).
// It never attaches evidence or sample records: a report must not become a copy of the leak.
package xarf

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Version is the version of the published schema that reports follow (github.com/xarf/xarf-spec, tag v4.2.0).
const Version = "4.2.0"

// MaxDescription is the longest description that the schema allows, in characters.
const MaxDescription = 1000

// Party is who reports or who sends.
type Party struct {
	Org     string `json:"org"`     // at most 200 characters
	Contact string `json:"contact"` // an e-mail address
	Domain  string `json:"domain"`  // the host name that Org is known by
}

// Incident is one live location, as one report tells it; the specification wants one incident a report.
type Incident struct {
	ID          string // UUID
	Time        time.Time
	Reporter    Party // who complains
	Sender      Party // who transmits
	URL         string
	IP          string // address that served it; empty: Host identifies the source
	Host        string // host name of the URL; an address there, or a name that is no host name, is left out of "domain"
	Port        int    // 0 leaves it out
	Seen        time.Time
	Exposure    string   // exposure_method; empty or not in the schema: other
	Categories  []string // data categories of the leak, as in a manifest
	Description string   // free of victims' data; cut at MaxDescription
	Ticket      string   // becomes a tag
}

type report struct {
	Version            string   `json:"xarf_version"`
	ID                 string   `json:"report_id"`
	Timestamp          string   `json:"timestamp"`
	Reporter           Party    `json:"reporter"`
	Sender             Party    `json:"sender"`
	SourceIdentifier   string   `json:"source_identifier"`
	SourcePort         int      `json:"source_port,omitempty"`
	Category           string   `json:"category"`
	Type               string   `json:"type"`
	URL                string   `json:"url"`
	Domain             string   `json:"domain,omitempty"`
	DataTypes          []string `json:"data_types"`
	ExposureMethod     string   `json:"exposure_method"`
	SensitiveFields    []string `json:"sensitive_fields,omitempty"`
	Accessibility      string   `json:"accessibility"`
	DiscoverySource    string   `json:"discovery_source"`
	AttackVector       string   `json:"attack_vector"`
	VerifiedAt         string   `json:"verified_at,omitempty"`
	VerificationMethod string   `json:"verification_method"`
	EvidenceSource     string   `json:"evidence_source"`
	Description        string   `json:"description,omitempty"`
	Tags               []string `json:"tags,omitempty"`
}

// Report renders the incident as indented JSON, the same bytes for the same incident.
// It fails only when the incident cannot be written as JSON; whether it is complete is for Validate to say.
func Report(i Incident) ([]byte, error) {
	r := report{
		Version: Version, ID: i.ID, Timestamp: stamp(i.Time), Reporter: i.Reporter, Sender: i.Sender,
		SourceIdentifier: i.IP, SourcePort: i.Port, Category: "content", Type: "exposed_data", URL: i.URL,
		DataTypes: dataTypes(i.Categories), ExposureMethod: exposure(i.Exposure), SensitiveFields: sensitive(i.Categories),
		Accessibility: "public", DiscoverySource: "breach_monitoring", AttackVector: "data_leak",
		VerifiedAt: stamp(i.Seen), VerificationMethod: "automated_crawler", EvidenceSource: "crawler",
		Description: cut(i.Description, MaxDescription), Tags: tags(i.Ticket),
	}
	if !address(i.Host) && hostname(i.Host) { // a name with an underscore is served, too, but the schema takes none
		r.Domain = i.Host
	}
	if r.SourceIdentifier == "" {
		r.SourceIdentifier = i.Host
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // the URL stays as it is, also for whoever reads the attachment as text
	e.SetIndent("", "  ")
	if err := e.Encode(r); err != nil {
		return nil, fmt.Errorf("write xarf report: %w", err)
	}
	return b.Bytes(), nil
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// dataTypes maps our categories to the schema's words; a leak of personal data is at least personal_information.
func dataTypes(categories []string) []string {
	out := []string{"personal_information"}
	for _, c := range categories {
		var t string
		switch c {
		case "health", "genetic":
			t = "medical"
		case "finance":
			t = "financial"
		case "national_number":
			t = "government_id"
		case "employment":
			t = "employee_data"
		case "credentials":
			t = "credentials"
		default:
			continue
		}
		if !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	return out
}

// sensitive names kinds of fields, never values; a category that is not a plain word is left out.
func sensitive(categories []string) []string {
	var out []string
	for _, c := range categories {
		if word(c) && !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	slices.Sort(out)
	return out
}

func word(s string) bool {
	ok := s != "" && len(s) <= 40
	for _, r := range s {
		ok = ok && (r >= 'a' && r <= 'z' || r == '_' || r == '-')
	}
	return ok
}

func exposure(method string) string {
	if slices.Contains(exposureMethods, method) {
		return method
	}
	return "other"
}

func tags(ticket string) []string {
	t := strings.ToLower(ticket)
	if t == "" || !tagPattern.MatchString("ticket:"+t) {
		return nil
	}
	return []string{"ticket:" + t}
}

func cut(s string, n int) string {
	r := []rune(strings.ToValidUTF8(s, "\uFFFD"))
	if len(r) <= n {
		return string(r)
	}
	return string(r[:n-1]) + "…"
}
