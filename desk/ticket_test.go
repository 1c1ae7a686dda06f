package desk

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"unmirror/takedown"
)

// sentTicket is a notice that went out, and the address of its ticket's page as the notice tells it.
func sentTicket(t *testing.T) (w *world, n *takedown.NoticeFile, path string) {
	t.Helper()
	w = newWorld(t)
	_, id := w.draft("https://files.mirror.example/a/letter.txt")
	n = must(w.docket.Notice(t.Context(), id))(t)
	at := strings.Index(n.Body, "https://desk.example/ticket/")
	if at < 0 {
		t.Fatalf("the notice names no page:\n%s", n.Body)
	}
	path = strings.TrimPrefix(strings.Fields(n.Body[at:])[0], "https://desk.example")
	path = strings.TrimRight(path, ".,)")
	return w, n, path
}

func TestATicketsPageSaysThatItIsGenuineAndNothingElse(t *testing.T) {
	w, n, path := sentTicket(t)
	if got := w.browser().get(path); got.code != http.StatusNotFound {
		t.Errorf("a ticket of which nothing left: %d", got.code)
	}
	w.approve(n.ID)
	if _, err := w.docket.Deliver(t.Context()); err != nil {
		t.Fatal(err)
	}
	for lang, words := range map[string]string{"nl-BE": "Dit ticket is uitgegeven door", "fr": "Ce ticket a été émis par", "de-AT,en;q=0.5": "Dieses Ticket wurde ausgestellt von",
		"en": "This ticket was issued by", "ja": "This ticket was issued by", "": "This ticket was issued by", ";;;": "This ticket was issued by"} {
		b := w.browser()
		b.header.Set("Accept-Language", lang)
		got := b.get(path)
		text := visible(got.body)
		if got.code != http.StatusOK || !strings.Contains(text, words) {
			t.Errorf("%q: %d %s", lang, got.code, text)
		}
		for _, want := range []string{n.Ticket, "Verzonnen Arbeidsgezondheid vzw", "Functionaris voor gegevensbescherming", "dpo@verzonnen.example", w.now().Format(time.DateOnly)} {
			if !strings.Contains(text, want) {
				t.Errorf("%q: %q is missing: %s", lang, want, text)
			}
		}
		for _, never := range []string{"mirror.example", "arbo-2026", "hosting.example", "letter.txt", n.ID, n.Case, "noticed", "sent", "approved", victim, "2026-000002"} {
			if strings.Contains(got.body, never) {
				t.Errorf("%q: the page tells %q", lang, never)
			}
		}
		h := got.head
		if h.Get("Cache-Control") != "no-store" || !strings.Contains(h.Get("X-Robots-Tag"), "noindex") || h.Get("Set-Cookie") != "" || strings.Contains(got.body, "<script") {
			t.Errorf("%q: head %v", lang, h)
		}
	}
}

func TestWhateverIsNoTicketIsAnsweredAlike(t *testing.T) {
	w, n, path := sentTicket(t)
	w.approve(n.ID)
	if _, err := w.docket.Deliver(t.Context()); err != nil {
		t.Fatal(err)
	}
	reference := strings.TrimPrefix(path, "/ticket/")
	code := reference[strings.LastIndexByte(reference, '-')+1:]
	last := map[byte]string{'a': "b"}[reference[len(reference)-1]]
	if last == "" {
		last = "a"
	}
	first := ""
	for _, wrong := range []string{n.Ticket, n.Ticket + "-", n.Ticket + "-" + strings.Repeat("a", 26), reference[:len(reference)-1] + last, reference + "a",
		strings.ToUpper(reference), "UM-2026-000002-" + code, "UM-1999-000001-" + code, "x", "-", "%00", "' OR 1=1 --", reference + "%20", strings.Repeat("9", 900), "..%2Fqueue"} {
		got := w.browser().get("/ticket/" + strings.ReplaceAll(wrong, " ", "%20"))
		if got.code != http.StatusNotFound {
			t.Errorf("%q: %d", wrong, got.code)
		}
		if first == "" {
			first = got.body
		}
		if got.body != first || got.head.Get("Content-Length") != "" && len(got.body) != len(first) {
			t.Errorf("%q is answered otherwise", wrong)
		}
		w.pass(2 * time.Second)
	}
	if strings.Contains(first, n.Ticket) || strings.Contains(w.log.String(), reference) || strings.Contains(w.log.String(), code) {
		t.Error("the answer or the log repeats what was asked")
	}
}

func TestGuessingTicketsIsSlowedDownForRightAndWrongAlike(t *testing.T) {
	w, n, path := sentTicket(t)
	w.approve(n.ID)
	if _, err := w.docket.Deliver(t.Context()); err != nil {
		t.Fatal(err)
	}
	b := w.browser()
	slow := 0
	for range asksAtOnce + 5 {
		if b.get("/ticket/UM-2026-000001-x").code == http.StatusTooManyRequests {
			slow++
		}
	}
	if slow != 5 {
		t.Errorf("%d of %d were slowed down", slow, asksAtOnce+5)
	}
	right, wrong := b.get(path), b.get("/ticket/x")
	if right.code != http.StatusTooManyRequests || right.body != wrong.body {
		t.Errorf("right %d, wrong %d", right.code, wrong.code)
	}
	w.pass(time.Minute)
	if got := b.get(path); got.code != http.StatusOK {
		t.Errorf("a minute later: %d", got.code)
	}
}

func TestCountingOfNetworksStaysBounded(t *testing.T) {
	at := time.Unix(0, 0)
	a := newAsks(func() time.Time { return at })
	for i := range 3 * asksTracked {
		a.may(string(rune(i)))
	}
	if len(a.full) > asksTracked {
		t.Errorf("%d networks are kept", len(a.full))
	}
}
