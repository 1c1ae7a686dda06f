package desk

import (
	"context"
	"testing"

	"github.com/chromedp/chromedp"

	"unmirror/internal/account"
	"unmirror/takedown/incident"
)

func TestChromiumALeakFileIsReadAndADutyTicked(t *testing.T) {
	w := newWorld(t, func(o *Options) {
		o.Sources = func(context.Context) ([]Source, error) {
			return []Source{{Name: "pastes", Kind: "pastebin", State: "never", Held: true, Waits: []Wait{{Leak: "arbo-2026", Fields: []string{"legal.dpia", "sources"}}}}}, nil
		}
	})
	s := newScreen(t, w)
	s.emulate(1440, 900, "light", true)
	s.signIn(account.Operator)
	s.open("/leaks/arbo-2026")
	s.wants("There is no leak file yet")
	s.shot("leak-without-file")
	s.press("a[href='/leaks/arbo-2026/file']")
	s.shot("leak-blank")
	w.fileLeak(func(f *incident.File) { f.Legal.DPIA = "" })
	for _, c := range []struct {
		name, theme, lang string
		width, height     int64
	}{{"desktop-light", "light", "en", 1440, 900}, {"phone-dark", "dark", "nl", 390, 844}, {"phone-360", "light", "en", 360, 740}} {
		s.emulate(c.width, c.height, c.theme, true)
		s.open("/leaks/arbo-2026?lang=" + c.lang)
		s.shot(c.name + "-leak")
		s.open("/queue")
		s.shot(c.name + "-queue-duties")
		s.open("/sources")
		s.shot(c.name + "-sources-held")
	}
	s.open("/leaks/arbo-2026")
	s.do(chromedp.Click(chromedp.CSS("details.fold summary")), chromedp.WaitVisible(chromedp.CSS("#tick-duty")))
	s.shot("phone-360-tick")
	s.do(chromedp.SendKeys(chromedp.CSS("#tick-duty"), "Tell the persons"), chromedp.SetValue(chromedp.CSS("#tick-on"), "2026-03-15"))
	s.fill("#tick-proof", "640 registered letters, BR-77")
	s.press("form[action$='/duties'] button")
	s.wants("The duty is ticked off.", "640 registered letters, BR-77", staff(account.Operator))
}
