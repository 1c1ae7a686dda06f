package kind

import (
	"slices"
	"strings"
	"testing"
)

func TestFeedsOfManyGeneratorsAreRead(t *testing.T) {
	cases := []struct {
		file, at string
		want     []string
		next     string
	}{
		{"wordpress.xml", "https://blog.example/feed/", []string{"https://blog.example/2026/11/bericht/?utm_source=rss&utm_medium=rss", "https://blog.example/wp-content/a.mp3"}, ""},
		{"jekyll.xml", "https://site.example/feed.xml", []string{"https://site.example/een.html"}, ""},
		{"phpbb.xml", "https://forum.example/app.php/feed", []string{"https://forum.example/viewtopic.php?p=34"}, ""},
		{"mastodon.xml", "https://social.example/@onbestaand.rss", []string{"https://social.example/@onbestaand/115000000000000001", "https://files.social.example/original/scan.png", "https://social.example/@onbestaand/115000000000000002"}, ""},
		{"blogger.xml", "https://b.example/feeds/posts/default", []string{"https://b.example/2026/11/x.html", "https://b.example/pak.zip"}, "https://b.example/feeds/posts/default?start-index=26"},
		{"microblog.json", "https://micro.example/feed.json", []string{"https://micro.example/2026/11/21/a.html", "https://micro.example/uploads/pak.zip"}, "https://micro.example/feed.json?page=2"},
	}
	for _, c := range cases {
		t.Run(c.file, func(t *testing.T) {
			s := compile(t, Settings{Kind: "feed", URL: c.at})
			items, lists := split(readAs(t, s, c.at, "application/xml", sample(t, "feed/"+c.file)))
			if !slices.Equal(urlsOf(items), c.want) || strings.Join(urlsOf(lists), " ") != c.next {
				t.Errorf("got %q, next %q", urlsOf(items), urlsOf(lists))
			}
			deep := page(t, c.at, "application/xml", sample(t, "feed/"+c.file))
			deep.Depth = 3
			if f, _ := s.Read(deep); len(f.Links) != len(c.want) {
				t.Error("a feed goes on for ever")
			}
		})
	}
}
