package config

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// TestProblemsNameLineKeyAndCure holds the very sentences, because they are what an operator works with.
func TestProblemsNameLineKeyAndCure(t *testing.T) {
	one := newRecipient(t)
	for _, tc := range []struct{ name, text, want string }{
		{"typo in a section", "data: ./d\ncrawler:\n  per_host_dely: 2s\n", "u.yaml:3: crawler.per_host_dely: is no key; did you mean crawler.per_host_delay?"},
		{"typo at the top", "\n\nsorces: []\n", "u.yaml:3: sorces: is no key; did you mean sources?"},
		{"wrong case", "Data: ./d\n", "u.yaml:1: Data: is no key; did you mean data?"},
		{"letters swapped", "amil: {}\n", "u.yaml:1: amil: is no key; did you mean mail?"},
		{"right key, wrong section", "mail: {per_host_delay: 2s}\n", "u.yaml:1: mail.per_host_delay: is no key here; did you mean crawler.per_host_delay?"},
		{"nothing like it", "takedown: {frobnicate: 1}\n", "u.yaml:1: takedown.frobnicate: is no key; known here are complaint, escalation, fresh_contact, fresh_look, gone_apart, gone_checks, keep_replies, law, quiet, rejection_limit, reminder, two_persons, watch"},
		{"typo in a source", "sources:\n  - {name: a, kind: feed, url: 'https://example.org/'}\n  - name: b\n    kind: feed\n    url: https://example.org/\n    evry: '@daily'\n",
			"u.yaml:6: sources[1].evry: is no key; did you mean sources[1].every?"},
		{"typo in a profile", "recipients:\n  - {place: example.org, email: a@example.org, profile: {one_ulr: true}}\n",
			"u.yaml:2: recipients[0].profile.one_ulr: is no key; did you mean recipients[0].profile.one_url?"},
		{"unknown kind", "sources:\n  - {name: a, kind: directry, url: 'https://example.org/'}\n", `u.yaml:2: sources[0].kind: "directry" is not known; did you mean "directory"?`},
		{"unknown kind, nothing near", "sources:\n  - {name: a, kind: gopher, url: 'https://example.org/'}\n",
			`u.yaml:2: sources[0].kind: "gopher" is not known; choose ` + orList(kinds[:])},
		{"missing fields", "sources:\n  - {kind: feed, url: 'https://example.org/'}\n", "u.yaml:2: sources[0]: has no name"},
		{"twice the same name", "sources:\n  - {name: a, kind: feed, url: 'https://example.org/'}\n  - {name: A, kind: feed, url: 'https://example.org/'}\n",
			`u.yaml:3: sources[1].name: "A" is the name of the source on line 2 already`},
		{"key twice", "data: a\nlog: {}\ndata: b\n", "u.yaml:3: data: stands here a second time; the first is on line 1"},
		{"value for a section", "mail: smtp://x\n", "u.yaml:1: mail: wants keys with values below it, such as smtp: …"},
		{"list at the top", "- a\n", "u.yaml:1: wants keys with values below it, such as data: …"},
		{"section for a value", "data: {dir: x}\n", "u.yaml:1: data: wants one value (text), not a list or keys"},
		{"value for a list", "organisation: {languages: nl}\n", `u.yaml:1: organisation.languages: wants a list; write [a, b] or one "- a" a line`},
		{"keys for a list", "sources: {name: a}\n", `u.yaml:1: sources: wants a list: each element begins with "- name: …"`},
		{"keys in a list", "organisation: {languages: [{nl: 1}]}\n", "u.yaml:1: organisation.languages[0]: wants one value"},
		{"language", "organisation:\n  languages:\n    - nl\n    - es\n", `u.yaml:4: organisation.languages[1]: "es" is not known; choose nl, fr, de or en`},
		{"role", "organisation: {role: owner}\n", `u.yaml:1: organisation.role: "owner" is not known; choose controller, processor, representative or data_subject`},
		{"no unit", "crawler: {per_host_delay: 2}\n", `u.yaml:1: crawler.per_host_delay: "2" has no unit; write for example 2s, 2m or 2h`},
		{"no duration", "crawler: {per_host_delay: soon}\n", `u.yaml:1: crawler.per_host_delay: "soon" is no duration; write for example 500ms, 2s, 1m30s or 24h`},
		{"negative duration", "crawler: {per_host_delay: -2s}\n", `u.yaml:1: crawler.per_host_delay: "-2s" is negative`},
		{"size", "crawler: {max_item_bytes: big}\n", `u.yaml:1: crawler.max_item_bytes: "big" is no size; write for example 2GiB, 500MB or 4096`},
		{"time 0", "sources: [{name: a, kind: feed, url: 'https://example.org/', max_time: 0}]\n", `u.yaml:1: sources[0].max_time: is 0, which would end before it began`},
		{"size 0", "crawler: {max_item_bytes: 0}\n", `u.yaml:1: crawler.max_item_bytes: is 0, which would fetch nothing`},
		{"schedule", "schedule: {recheck: often}\n", `u.yaml:1: schedule.recheck: "often" is no schedule (expected exactly 5 fields, found 1: [often]); write for example @hourly, @daily, @every 30m or 0 8 * * 1`},
		{"schedule that never comes", "schedule: {recheck: '0 0 30 2 *'}\n", `u.yaml:1: schedule.recheck: "0 0 30 2 *" never comes`},
		{"schedule with a zone", "schedule: {recheck: 'TZ=Europe/Brussels 0 8 * * 1'}\n", `u.yaml:1: schedule.recheck: names a time zone; schedules are in UTC, because a local one skips or repeats an hour each year`},
		{"schedule too fast", "schedule: {recheck: '@every 10ms'}\n", `u.yaml:1: schedule.recheck: "@every 10ms" is shorter than a second`},
		{"gone at once", "takedown: {gone_checks: 1}\n", "u.yaml:1: takedown.gone_checks: 1 is out of range; it runs from 2 to 100"},
		{"no share", "takedown: {rejection_limit: 2}\n", "u.yaml:1: takedown.rejection_limit: 2 is no share; it runs from 0 to 1"},
		{"no number", "takedown: {gone_checks: three}\n", `u.yaml:1: takedown.gone_checks: "three" is no whole number`},
		{"bits", "matching: {notice_bits: 0}\n", "u.yaml:1: matching.notice_bits: 0 is not above 0"},
		{"yes for true", "recipients: [{place: example.org, email: a@example.org, profile: {one_url: yes}}]\n", `u.yaml:1: recipients[0].profile.one_url: "yes" is neither true nor false`},
		{"one recipient of evidence", "evidence:\n  recipients: [" + one + "]\n", "u.yaml:2: evidence.recipients: has one recipient; name two at least, so that one lost key does not lose the evidence"},
		{"the same recipient twice", "evidence:\n  recipients: [" + one + ", " + one + "]\n", "u.yaml:2: evidence.recipients: has one recipient; name two at least, so that one lost key does not lose the evidence"},
		{"no age recipient", "evidence:\n  recipients:\n    - " + one + "\n    - age1nonsense\n", "u.yaml:4: evidence.recipients[1]: is no age recipient; age-keygen prints one, it begins with age1"},
		{"a search without words", "sources: [{name: a, kind: searxng, url: 'https://example.org/'}]\n", "u.yaml:1: sources[0]: has no beacons, which the kind searxng needs: it searches for nothing else"},
		{"a gateway without items", "sources: [{name: a, kind: ipfs, url: 'https://example.org/'}]\n", "u.yaml:1: sources[0]: has neither items nor lookups: true: an ipfs gateway lists nothing by itself"},
		{"digests that may not be asked for", "sources: [{name: a, kind: urlscan, url: 'https://urlscan.io/'}]\n", "u.yaml:1: sources[0]: has no lookups: true, which the kind urlscan needs: it is asked for digests of known files and nothing else"},
		{"robots without a reason", "sources: [{name: a, kind: feed, url: 'https://example.org/', robots: known_items}]\n",
			"u.yaml:1: sources[0].robots: is known_items without a robots_reason: write why an exact address may be fetched where robots.txt forbids it"},
		{"ftp source", "sources: [{name: a, kind: feed, url: 'ftp://example.org/'}]\n", "u.yaml:1: sources[0].url: wants a whole address that begins with http:// or https://"},
		{"source with a user", "sources: [{name: a, kind: feed, url: 'https://u:p@example.org/'}]\n", "u.yaml:1: sources[0].url: carries a user name; nothing behind a log-in is swept or linked"},
		{"selector", "sources: [{name: a, kind: listing, url: 'https://example.org/', item: 'a[', raw: '/raw/{id}'}]\n",
			"u.yaml:1: sources[0].item: is no CSS selector: expected identifier, found EOF instead"},
		{"listing without items", "sources: [{name: a, kind: listing, url: 'https://example.org/'}]\n",
			"u.yaml:1: sources[0]: has no item, the CSS selector of the links to the items, which a listing needs"},
		{"field of another kind", "sources: [{name: a, kind: directory, url: 'https://example.org/', follow: x}]\n", "u.yaml:1: sources[0].follow: is not read by the kind directory, only by site"},
		{"haste without items", "sources: [{name: a, kind: haste, url: 'https://example.org/'}]\n",
			"u.yaml:1: sources[0]: has neither items nor item: a haste lists nothing by itself, so name the items, or the selector of a page that lists them"},
		{"raw without id", "sources: [{name: a, kind: haste, url: 'https://example.org/', items: [x], raw: /raw/}]\n", "u.yaml:1: sources[0].raw: lacks {id} or {href}, which stand for the item's name and its link; write for example /raw/{id}"},
		{"regular expression", "sources: [{name: a, kind: site, url: 'https://example.org/', follow: '('}]\n", "u.yaml:1: sources[0].follow: is no regular expression: error parsing regexp: missing closing ): `(`"},
		{"sender", "mail: {from: Takedown <t@example.org>}\n", `u.yaml:1: mail.from: "Takedown <t@example.org>" is no plain mail address such as takedown@example.org`},
		{"no sender", "mail:\n  smtp: smtp://127.0.0.1:25\n", "u.yaml:2: mail.smtp: is set, but mail.from is empty: nothing can be sent without a sender"},
		{"password without TLS", "mail:\n  smtp: smtp://u@mail.example.org\n  from: t@example.org\n  tls: none\n", "u.yaml:4: mail.tls: is none, but mail.smtp has a user: a password goes without TLS on loopback only"},
		{"keys inside", "data: ./d\nkeys: ./d/keys\n", "u.yaml:2: keys: the keys lie inside the data folder; they must lie outside, so that a copy of the data tells nothing"},
		{"not YAML", "data: ./d\nkeys: [\n", "u.yaml:2: is not YAML: did not find expected node content"},
		{"tab", "mail:\n\tsmtp: x\n", "u.yaml:2: is not YAML: found character that cannot start any token"},
		{"two documents", "data: a\n---\ndata: b\n", "u.yaml:2: a second YAML document begins here; a configuration is one"},
		{"allow_private", "crawler: {allow_private: ['10.0.0.0/99']}\n", `u.yaml:1: crawler.allow_private[0]: "10.0.0.0/99" is neither an address (10.0.0.5), a network (10.0.0.0/8), host:port nor localhost`},
		{"merge key", "base: &b {level: info}\nlog:\n  <<: *b\n", "2 problems in the configuration:\n" +
			"  u.yaml:1: base: is no key; known here are crawler, data, desk, evidence, fleet, keys, log, mail, matching, organisation, rdap, recipients, redis, schedule, sources, takedown\n" +
			"  u.yaml:3: log.<<: is no key; known here are format, level"},
		{"a key that plays with the terminal", "\"\\e[31m\": 1\n", `u.yaml:1: "\x1b[31m": is no key; known here are crawler, data, desk, evidence, fleet, keys, log, mail, matching, organisation, rdap, recipients, redis, schedule, sources, takedown`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := parse("u.yaml", []byte(tc.text), nil)
			if err == nil {
				t.Fatal("was taken")
			}
			if err.Error() != tc.want {
				t.Errorf("\n got %s\nwant %s", err, tc.want)
			}
		})
	}
}

func TestAllProblemsAreToldAtOnceInTheOrderOfTheirLines(t *testing.T) {
	_, err := parse("u.yaml", []byte("sources:\n  - {name: a, kind: feed, url: x, evry: 1}\nmail: {tls: maybe}\nlog: {level: loud}\n"),
		[]string{"UNMIRROR_SCHEDULE_PURGE=never", "UNMIRROR_ORGANISATION_LANGUAGES=nl,xx"})
	var all *Error
	if !errors.As(err, &all) {
		t.Fatalf("got %T: %v", err, err)
	}
	var got []string
	for _, p := range all.Problems {
		got = append(got, fmt.Sprintf("%d %s", p.Line, p.Key))
	}
	want := "2 sources[0].url|2 sources[0].evry|3 mail.tls|4 log.level|0 UNMIRROR_ORGANISATION_LANGUAGES|0 UNMIRROR_SCHEDULE_PURGE"
	have := strings.Join(got, "|")
	swapped := "2 sources[0].url|2 sources[0].evry|3 mail.tls|4 log.level|0 UNMIRROR_SCHEDULE_PURGE|0 UNMIRROR_ORGANISATION_LANGUAGES"
	if have != want && have != swapped {
		t.Errorf("got %s", have)
	}
}

func TestNearestSuggestsOnlyWhatCanBeMeant(t *testing.T) {
	words := []string{"data", "keys", "mail", "per_host_delay", "log", "robots_reason"}
	for written, want := range map[string]string{
		"dat": "data", "dtaa": "data", "KEYS": "keys", "per-host-delay": "per_host_delay", "perhostdelay": "per_host_delay",
		"robot_reasons": "robots_reason", "zzz": "", "": "", "x": "", "lo": "log", strings.Repeat("data", 40): "",
	} {
		if got := nearest(written, words); got != want {
			t.Errorf("%q: got %q, want %q", written, got, want)
		}
	}
}
