package crawler

import (
	"bytes"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
)

func links(t testing.TB, page []byte, selector string) int {
	t.Helper()
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(page))
	if err != nil {
		return -1
	}
	return doc.Find(selector).Length()
}

func TestLinksBehindDeepMarkupAreFound(t *testing.T) {
	const link = `<a class=paste href=/x>x</a>`
	for name, page := range map[string]string{
		"600 unclosed tags":           strings.Repeat("<div>", 600) + link,
		"600 unclosed, then a list":   strings.Repeat("<b>", 600) + "<ul><li>" + link + "</li></ul>",
		"depth 100,000":               strings.Repeat("<div>", 100_000) + link + strings.Repeat("</div>", 100_000),
		"depth 100,000, beside":       strings.Repeat("<div>", 100_000) + strings.Repeat("</div>", 100_000) + link,
		"ends that were never opened": strings.Repeat("</span>", 2000) + strings.Repeat("<i>", 700) + link,
		"mixed":                       strings.Repeat("<div><span>", 5000) + link + strings.Repeat("</div>", 5000),
		"600 unclosed links":          strings.Repeat("<div><font>", 600) + link + strings.Repeat("<font>", 600),
	} {
		if links(t, []byte(page), "a.paste") == 1 {
			t.Logf("%s needs no help", name)
		}
		if n := links(t, flatten([]byte(page)), "a.paste"); n != 1 {
			t.Errorf("%s: %d links", name, n)
		}
	}
}

func TestAnOrdinaryPageIsLeftAsItIs(t *testing.T) {
	page := []byte("<html><body>" + strings.Repeat("<p>a<br><div><a class=paste href=/x>x</a></div>", 2000) + "</body></html>")
	if !bytes.Equal(flatten(page), page) {
		t.Error("it was changed")
	}
}

func FuzzFlattenLeavesTheTextOfLinks(f *testing.F) {
	f.Add([]byte(strings.Repeat("<div>", 300) + "<a href=x>y</a>"))
	f.Add([]byte("</a><b></b>" + strings.Repeat("<a><b>", 300)))
	f.Fuzz(func(t *testing.T, page []byte) {
		if out := flatten(page); len(out) > len(page) {
			t.Error("it grew")
		}
	})
}

func TestADeepPageKeepsItsLinksBehindALongScript(t *testing.T) {
	page := strings.Repeat("<i>", 600) + "<script>" + strings.Repeat("x", 2<<20) + `</script><a href="/leak.zip">x</a>`
	if !strings.Contains(string(flatten([]byte(page))), "leak.zip") {
		t.Error("the link is gone")
	}
}
