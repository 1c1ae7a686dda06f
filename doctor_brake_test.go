package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"unmirror/internal/account"
	"unmirror/takedown"
)

func TestDoctorSaysWhoCouldReleaseWhatIsStopped(t *testing.T) {
	anna := account.User{ID: "user_a", Name: "anna", Role: account.Counsel}
	bert := account.User{ID: "user_b", Name: "bert", Role: account.Operator}
	axel := account.User{ID: "user_c", Name: "axel", Role: account.Auditor}
	on := takedown.Hold{On: true, By: "anna", ByID: "user_a", Since: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	asked := on
	asked.Asked = on.Since.Add(time.Hour)
	for _, c := range []struct {
		name  string
		hold  takedown.Hold
		users []account.User
		state string
		says  string
	}{
		{"two accounts, nothing stopped", takedown.Hold{}, []account.User{anna, bert}, "ok", "nothing is stopped"},
		{"one account", takedown.Hold{}, []account.User{anna, axel}, "note", "nobody could release"},
		{"stopped, another may release", on, []account.User{anna, bert}, "note", "since 2026-03-02"},
		{"stopped, release asked", asked, []account.User{anna, bert}, "note", "was asked for"},
		{"stopped by the only one", on, []account.User{anna, axel}, "wrong", "no second account"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := brakeFindings(c.hold, c.users)
			if len(got) != 1 || got[0].State != c.state || !strings.Contains(got[0].What, c.says) {
				t.Errorf("%+v", got)
			}
		})
	}
	if got := secondFindings("all", []account.User{anna, bert}); len(got) != 1 || got[0].State != "wrong" || !strings.Contains(got[0].What, "there is 1") {
		t.Errorf("two persons with one counsel: %+v", got)
	}
	if got := append(secondFindings("off", nil), secondFindings("escalations", []account.User{anna, {ID: "user_d", Role: account.Counsel}})...); len(got) != 0 {
		t.Errorf("%+v", got)
	}
}

func TestDoctorTellsSinceWhenEverythingIsStopped(t *testing.T) {
	dir := t.TempDir()
	config := write(t, filepath.Join(dir, "unmirror.yaml"), fmt.Sprintf("data: %s/data\ntakedown: {two_persons: all}\n", dir))
	mustCommand(t, config, "hold", "on", "--reason", "Wrong notifier.")
	out, _, code := command(t, config, "doctor")
	if code == exitDone || !strings.Contains(out, "everything outgoing is stopped since 20") || !strings.Contains(out, "no notice can be approved") {
		t.Errorf("exit %d\n%s", code, out)
	}
	if out := mustCommand(t, config, "doubt", "list"); strings.Contains(out, "doubt_") {
		t.Error(out)
	}
}
