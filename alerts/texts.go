package alerts

import (
	"bytes"
	"embed"
	"fmt"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

//go:embed texts/*.yaml
var textFiles embed.FS

// languages are those of the countries the first leaks concern; each has a file in texts/.
var languages = []string{"nl", "fr", "de", "en"}

// wording is one mail. {link}, {unsubscribe} and {until} are replaced; nothing else varies, so that the text approved is the text sent.
type wording struct {
	Subject string `yaml:"subject"`
	Body    string `yaml:"body"`
}

// texts is the approved wording of one language.
type texts struct {
	Sender  string            `yaml:"sender"`
	Confirm wording           `yaml:"confirm"`
	News    wording           `yaml:"news"`
	Kinds   map[string]string `yaml:"kinds"`
	Months  []string          `yaml:"months"`
	Date    string            `yaml:"date"` // {day}, {month}, {year}
}

type catalogue map[string]texts

func loadTexts() (catalogue, error) {
	c := catalogue{}
	for _, lang := range languages {
		b, err := textFiles.ReadFile("texts/" + lang + ".yaml")
		if err != nil {
			return nil, fmt.Errorf("read alert texts: %w", err)
		}
		d := yaml.NewDecoder(bytes.NewReader(b))
		d.KnownFields(true)
		var t texts
		if err := d.Decode(&t); err != nil {
			return nil, fmt.Errorf("read alert texts %s: %w", lang, err)
		}
		if err := t.check(); err != nil {
			return nil, fmt.Errorf("alert texts %s: %w", lang, err)
		}
		c[lang] = t
	}
	return c, nil
}

func (t texts) check() error {
	switch {
	case t.Sender == "" || t.Confirm.Subject == "" || t.News.Subject == "" || len(t.Months) != 12 || t.Date == "":
		return fmt.Errorf("a text is missing")
	case !strings.Contains(t.Confirm.Body, "{link}") || !strings.Contains(t.News.Body, "{link}") || !strings.Contains(t.News.Body, "{unsubscribe}"):
		return fmt.Errorf("a body lacks its link")
	}
	for _, k := range []string{"confirmed", "gone", "gone_for_us", "back", "withdrawn"} {
		if t.Kinds[k] == "" {
			return fmt.Errorf("no text for %s", k)
		}
	}
	return nil
}

func (t texts) date(at time.Time) string {
	at = at.UTC()
	return strings.NewReplacer("{day}", fmt.Sprint(at.Day()), "{month}", t.Months[at.Month()-1], "{year}", fmt.Sprint(at.Year())).Replace(t.Date)
}
