package xarf

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/mail"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

var (
	versionPattern = regexp.MustCompile(`^4\.[0-9]+\.[0-9]+$`)
	uuidPattern    = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)
	tagPattern     = regexp.MustCompile(`^[a-z0-9][a-z0-9_+-]*:[a-z0-9][a-z0-9_+-.]*$`)
	// uriPattern is RFC 3986: brackets stand in a host alone, and every % begins two hexadecimal digits.
	uriPattern = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9+.-]*:(?://(?:(?:` + uriChar + `)*@)?(?:\[[0-9a-fA-F:.]+\]|(?:` + uriChar + `)*)(?::[0-9]*)?)?` +
		`(?:` + uriChar + `|/)*(?:\?(?:` + uriChar + `|[/?])*)?(?:#(?:` + uriChar + `|[/?])*)?$`)
	labelPattern = regexp.MustCompile(`^[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$`)
)

// uriChar is what may stand in each part of a URI.
const uriChar = `[a-zA-Z0-9._~:@!$&'()*+,;=-]|%[0-9a-fA-F]{2}`

// The closed lists of schemas/v4/types/content-exposed-data.json and content-base.json.
var (
	allDataTypes = []string{"personal_information", "credentials", "financial", "medical", "government_id", "email_addresses",
		"phone_numbers", "api_keys", "database_dumps", "source_code", "internal_documents", "customer_data", "employee_data",
		"intellectual_property", "other"}
	exposureMethods = []string{"misconfigured_server", "open_directory", "database_exposure", "git_repository", "backup_file",
		"log_file", "cloud_storage", "paste_site", "forum_post", "ransomware_leak", "intentional_leak", "other"}
	closed = map[string][]string{
		"category":            {"content"},
		"type":                {"exposed_data"},
		"exposure_method":     exposureMethods,
		"accessibility":       {"public", "requires_authentication", "requires_payment", "dark_web", "removed"},
		"discovery_source":    {"security_researcher", "automated_scan", "breach_monitoring", "user_report", "law_enforcement", "threat_intelligence", "other"},
		"verification_method": {"manual", "automated_crawler", "user_report", "honeypot", "threat_intelligence"},
		"attack_vector":       {"phishing", "malware", "fraud", "brand_infringement", "copyright_infringement", "data_leak", "remote_compromise", "suspicious_registration"},
	}
)

// required are the fields without which the published schema refuses a report.
var required = []string{"xarf_version", "report_id", "timestamp", "reporter", "sender", "source_identifier", "category", "type",
	"url", "data_types", "exposure_method"}

// banned are fields that the schema allows and we never send: each would carry a piece of the leak, or internal matters.
var banned = []string{"evidence", "sample_records", "screenshot_url", "_internal"}

// Validate checks a report against the published required fields, formats and closed lists of XARF v4 content/exposed_data, and that
// it carries none of the fields that could hold a piece of the leak. The error names every field that is wrong, never its value.
func Validate(b []byte) error {
	var m map[string]any
	if err := json.Unmarshal(b, &m); err != nil {
		return fmt.Errorf("read xarf report: %w", errors.New("not a JSON object"))
	}
	var errs []error
	bad := func(field, why string) { errs = append(errs, fmt.Errorf("%s: %s", field, why)) }
	for _, f := range required {
		if _, ok := m[f]; !ok {
			bad(f, "missing")
		}
	}
	for _, f := range banned {
		if _, ok := m[f]; ok {
			bad(f, "must not be sent")
		}
	}
	for f, v := range m {
		if why := field(f, v); why != "" {
			bad(f, why)
		}
	}
	slices.SortFunc(errs, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errors.Join(errs...)
}

// field returns what is wrong with one field, or "".
func field(name string, v any) string {
	if list, ok := closed[name]; ok {
		if s, _ := v.(string); !slices.Contains(list, s) {
			return "not in the published list"
		}
		return ""
	}
	switch name {
	case "xarf_version":
		return unless(text(v, versionPattern.MatchString), "not a version 4")
	case "report_id":
		return unless(text(v, uuidPattern.MatchString), "not a UUID")
	case "timestamp", "verified_at":
		return unless(text(v, dateTime), "not an RFC 3339 time")
	case "reporter", "sender":
		return party(v)
	case "source_identifier":
		return unless(text(v, func(s string) bool { return address(s) || hostname(strings.ReplaceAll(s, "_", "x")) }), "neither an address nor a host name")
	case "source_port":
		n, ok := v.(float64)
		return unless(ok && n == float64(int(n)) && n >= 1 && n <= 65535, "not a port")
	case "url":
		return unless(text(v, absolute), "not an absolute URI")
	case "domain":
		return unless(text(v, hostname), "not a host name")
	case "data_types":
		return unless(list(v, 1, len(allDataTypes), func(s string) bool { return slices.Contains(allDataTypes, s) }), "empty, or not in the published list")
	case "tags":
		return unless(list(v, 0, 20, tagPattern.MatchString), "not namespace:value, or more than 20")
	case "sensitive_fields":
		return unless(list(v, 0, 100, func(string) bool { return true }), "not a list of texts")
	case "description":
		return unless(text(v, func(s string) bool { return utf8.RuneCountInString(s) <= MaxDescription }), "longer than 1000 characters")
	}
	return ""
}

func unless(ok bool, why string) string {
	if ok {
		return ""
	}
	return why
}

func text(v any, ok func(string) bool) bool {
	s, is := v.(string)
	return is && s != "" && ok(s)
}

func list(v any, least, most int, ok func(string) bool) bool {
	l, is := v.([]any)
	if !is || len(l) < least || len(l) > most {
		return false
	}
	for _, e := range l {
		if !text(e, ok) {
			return false
		}
	}
	return true
}

func party(v any) string {
	m, ok := v.(map[string]any)
	if !ok {
		return "not an object"
	}
	for k := range m {
		if k != "org" && k != "contact" && k != "domain" {
			return "has a key besides org, contact and domain"
		}
	}
	switch {
	case !text(m["org"], func(s string) bool { return utf8.RuneCountInString(s) <= 200 }):
		return "org is empty or longer than 200 characters"
	case !text(m["contact"], email):
		return "contact is no e-mail address"
	case !text(m["domain"], hostname):
		return "domain is no host name"
	}
	return ""
}

// email is an address as RFC 5321 has it; the schema's format knows no international ones (RFC 6531).
func email(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= 0x7f {
			return false
		}
	}
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s && hostname(s[strings.LastIndexByte(s, '@')+1:])
}

func dateTime(s string) bool {
	_, err := time.Parse(time.RFC3339, s)
	return err == nil
}

func absolute(s string) bool {
	u, err := url.Parse(s)
	if err != nil || !u.IsAbs() || u.Host == "" && u.Opaque == "" {
		return false
	}
	return uriPattern.MatchString(s)
}

func address(s string) bool {
	_, err := netip.ParseAddr(s)
	return err == nil
}

func hostname(s string) bool {
	if len(s) > 253 {
		return false
	}
	for _, l := range strings.Split(s, ".") {
		if !labelPattern.MatchString(l) {
			return false
		}
	}
	return true
}
