package alerts

import (
	"errors"
	"strings"
	"testing"
)

func TestLinksOpenOnlyTheirOwnDoor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.enrol(anna, AtOnce)
	w.subscribe(anna, "other", AtOnce)
	confirm := w.token(w.deliver(1)[0], "confirm")
	w.happens("case_1", "confirmed")
	alert := w.deliver(1)[0]
	news, out := w.token(alert, "news"), w.token(alert, "unsubscribe")
	for name, err := range map[string]error{
		"confirm by news": w.a.Confirm(t.Context(), news), "confirm by unsubscribe": w.a.Confirm(t.Context(), out),
		"unsubscribe by news": w.a.Unsubscribe(t.Context(), news), "erase by confirm": w.a.Erase(t.Context(), confirm),
		"unsubscribe by confirm": w.a.Unsubscribe(t.Context(), confirm), "empty": w.a.Confirm(t.Context(), ""), "long": w.a.Confirm(t.Context(), strings.Repeat("a", 1<<16)),
	} {
		if !errors.Is(err, ErrToken) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := w.a.News(t.Context(), out); !errors.Is(err, ErrToken) {
		t.Errorf("news by unsubscribe: %v", err)
	}
}

func TestErasingDestroysTheKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.enrol(anna, AtOnce)
	w.subscribe(anna, "other", AtOnce)
	w.deliver(1)
	w.happens("case_1", "confirmed")
	alert := w.deliver(1)[0]
	w.happens("case_2", "confirmed")
	if err := w.a.Erase(t.Context(), w.token(alert, "news")); err != nil {
		t.Fatal(err)
	}
	w.deliver(0)
	if n := w.count(`SELECT COUNT(*) FROM subscribers WHERE address IS NOT NULL OR data_key IS NOT NULL OR address_key IS NOT NULL OR erased = 0`); n != 0 {
		t.Error("something is left")
	}
	for _, r := range w.subscribers() {
		if r.State != "ended" || r.Address != "" {
			t.Errorf("left: %+v", r)
		}
	}
	w.enrol(anna, AtOnce) // may come again, as somebody new
}

func TestOperatorErasesAndVets(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.enrol(anna, AtOnce)
	id := w.subscribers()[0].ID
	if got := w.subscribers()[0].Address; got != "a…@m….example" {
		t.Errorf("masked as %q", got)
	}
	for range 2 {
		if err := w.a.Vet(t.Context(), "user_1", id); err != nil {
			t.Fatal(err)
		}
	}
	if !w.subscribers()[0].Vetted {
		t.Error("not vetted")
	}
	if err := w.a.Unvet(t.Context(), "user_1", id); err != nil || w.subscribers()[0].Vetted {
		t.Errorf("still vetted: %v", err)
	}
	if err := w.a.EraseSubscriber(t.Context(), "user_1", id); err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{"vet": w.a.Vet(t.Context(), "user_1", id), "erase": w.a.EraseSubscriber(t.Context(), "user_1", "sub_none"),
		"resolve": w.a.Resolve(t.Context(), "user_1", "mail_none", "sent")} {
		if !errors.Is(err, ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestHoldStopsEverything(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.enrol(anna, AtOnce)
	w.held = true
	w.happens("case_1", "confirmed")
	w.subscribe("b@mail.invalid.example", leak, AtOnce)
	w.deliver(0)
	w.held = false
	w.deliver(2)
}
