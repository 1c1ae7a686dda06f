package config

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSecretsNeverPrint(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "geheimfile")
	if err := os.WriteFile(file, []byte("hunter2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := parse("u.yaml", []byte("mail: {smtp: 'smtp://user:hunter2@mail.example.org:587/?hunter2', from: a@example.org, password: 'file:"+file+"'}\nfleet: {token: 'env:TOKEN'}\n"),
		[]string{"TOKEN=hunter2"})
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("configuration", "mail", c.Mail, "token", c.Fleet.Token, "smtp", c.Mail.SMTP)
	asJSON, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, printed := range []string{
		fmt.Sprint(c), fmt.Sprintf("%+v", c), fmt.Sprintf("%#v", c), fmt.Sprintf("%v %s %q %x %d", c.Mail.Password, c.Mail.Password, c.Mail.Password, c.Mail.Password, c.Mail.Password),
		fmt.Sprintf("%v %s %q %x %#v", c.Mail.SMTP, c.Mail.SMTP, c.Mail.SMTP, c.Mail.SMTP, c.Mail.SMTP), log.String(), string(asJSON),
	} {
		for _, secret := range []string{"hunter2", fmt.Sprintf("%x", "hunter2"), "geheimfile"} {
			if strings.Contains(printed, secret) {
				t.Errorf("%q is in %s", secret, printed)
			}
		}
	}
	for _, s := range []Secret{c.Mail.Password, c.Fleet.Token} {
		if got, err := s.Reveal(); err != nil || got != "hunter2" {
			t.Errorf("got %q, %v", got, err)
		}
	}
}

func TestErrorsDoNotRepeatASecretThatStandsInTheWrongPlace(t *testing.T) {
	for _, text := range []string{
		"mail: {password: hunter2}",
		"mail: {password: 'hunter2:x'}",
		"mail: {smtp: 'smtp://u:hunter2%@mail.example.org'}",
		"mail: {smtp: 'http://u:hunter2@mail.example.org'}",
		"mail: {smtp: 'smtp://u:hunter2@mail.example.org:port'}",
		"redis: {url: 'hunter2'}",
		"desk: {public_url: 'https://u:hunter2@example.org'}",
		"evidence: {recipients: [AGE-SECRET-KEY-1HUNTER2hunter2]}",
		"mail: {password: [hunter2]}",
	} {
		_, err := parse("u.yaml", []byte(text), nil)
		if err == nil {
			t.Errorf("%s: was taken", text)
		} else if strings.Contains(strings.ToLower(err.Error()), "hunter2") {
			t.Errorf("%s: the error repeats it: %v", text, err)
		}
	}
}

func TestRevealSaysWhyASecretIsMissing(t *testing.T) {
	dir := t.TempDir()
	empty := filepath.Join(dir, "empty")
	if err := os.WriteFile(empty, []byte("\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for ref, want := range map[string]string{
		"env:NONE": "env:NONE: the variable is not set", "file:" + dir + "/none": "no such file", "file:" + empty: "is empty",
	} {
		s, err := parseSecret(ref, []string{"NONE="})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Reveal(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", ref, err)
		}
	}
	if got, err := (Secret{}).Reveal(); got != "" || err != nil || (Secret{}).IsSet() {
		t.Errorf("unset: %q, %v", got, err)
	}
}
