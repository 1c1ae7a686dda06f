package takedown_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"unmirror/takedown"
)

func TestStatisticsTellHowLongPlacesTake(t *testing.T) {
	w := newWorld(t)
	w.post()
	var removal []int64
	for i := range 6 {
		n := w.approved(fmt.Sprintf("https://files.mirror.example/%d.zip", i))
		if w.deliver() != 1 {
			t.Fatal("it was not sent")
		}
		told := w.clock.now()
		w.clock.pass(time.Duration(i+1) * time.Hour)
		if i < 4 {
			answer := takedown.AnswerReceipt
			if i == 3 {
				answer = takedown.AnswerRefused
			}
			if err := w.d.Answered(t.Context(), anna, n.ID, answer, w.clock.now()); err != nil {
				t.Fatal(err)
			}
		}
		w.eyes.sees(takedown.LookGone)
		w.look(n.Case, time.Hour)
		removal = append(removal, int64(w.clock.now().Sub(told)/time.Second))
		for range 3 {
			w.look(n.Case, 12*time.Hour)
		}
		if s := w.caseOf(n.Case).State; s != takedown.CaseGone {
			t.Fatalf("it is %s", s)
		}
		w.eyes.sees(takedown.LookLive)
	}
	slices.Sort(removal)
	s := must(w.d.Statistics(t.Context(), time.Time{}))(t)
	if len(s.Hosts) != 1 || s.Hosts[0].Place != "mirror.example" {
		t.Fatalf("%+v", s.Hosts)
	}
	for _, p := range []takedown.PlaceStats{s.All, s.Hosts[0]} {
		if p.Cases != 6 || p.Gone != 6 || p.Open != 0 || p.Told != 6 || p.Answered != 4 || p.Refused != 1 || p.Removed != 6 || p.EverGone != 6 || p.Returned != 0 {
			t.Fatalf("%+v", p)
		}
		if *p.AnswerMedian != 2*3600 || *p.AnswerP90 != 4*3600 || *p.RemovalMedian != removal[2] || *p.RemovalP90 != removal[5] {
			t.Fatalf("answer %d and %d, removal %d and %d of %v", *p.AnswerMedian, *p.AnswerP90, *p.RemovalMedian, *p.RemovalP90, removal)
		}
	}
	if p := s.Public(); len(p.Hosts) != 1 || p.All.Cases != 6 {
		t.Fatalf("in public: %+v", p)
	}
	id := must(w.d.Cases(t.Context(), takedown.CaseFilter{}))(t)[0].ID
	w.look(id, 48*time.Hour) // it is back
	s = must(w.d.Statistics(t.Context(), time.Time{}))(t)
	if p := s.Hosts[0]; p.Returned != 1 || p.EverGone != 6 || p.Open != 1 || p.Removed != 6 {
		t.Fatalf("%+v", p)
	}
	if p := s.Public(); len(p.Hosts) != 0 {
		t.Fatalf("in public a place is named where something lies: %+v", p)
	}
	if s = must(w.d.Statistics(t.Context(), w.clock.now().Add(time.Hour)))(t); s.All.Cases != 0 || len(s.Hosts) != 0 || s.All.RemovalMedian != nil {
		t.Fatalf("%+v", s)
	}
}

func TestAPublicReportNamesNoAddressAndNoSmallPlace(t *testing.T) {
	w := newWorld(t)
	for i := range 6 {
		w.open(fmt.Sprintf("http://198.51.100.7:8080/%d.zip", i))
	}
	w.open("https://small.example/one.zip")
	w.eyes.sees(takedown.LookGone)
	for _, c := range must(w.d.Cases(t.Context(), takedown.CaseFilter{}))(t) {
		for range 4 {
			w.look(c.ID, 12*time.Hour)
		}
	}
	s := must(w.d.Statistics(t.Context(), time.Time{}))(t)
	if len(s.Hosts) != 2 || s.Hosts[0].Open+s.Hosts[1].Open != 0 {
		t.Fatalf("%+v", s.Hosts)
	}
	if p := s.Public(); len(p.Hosts) != 0 || p.All.Cases != 7 {
		t.Fatalf("%+v", p)
	}
}
