package demo

import (
	"strings"
	"testing"
)

func FuzzMailIsShownSafely(f *testing.F) {
	for _, s := range []string{
		"", "x", "Subject: =?utf-8?q?caf=C3=A9?=\r\n\r\nhttp://a.example/?x=<b>\r\n",
		"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n",
		"Content-Type: application/json\r\nContent-Transfer-Encoding: base64\r\n\r\ne30=\r\n",
		"Content-Transfer-Encoding: quoted-printable\r\n\r\nhttps://x.example/=22onclick=3D\r\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		v := view(Received{N: 1, Raw: raw})
		if len(v.Parts) > maxParts {
			t.Errorf("%d parts", len(v.Parts))
		}
		for _, p := range v.Parts {
			for _, piece := range strings.Split(string(links(p.Text)), "<")[1:] {
				if !strings.HasPrefix(piece, `a href="http`) && !strings.HasPrefix(piece, "/a>") {
					t.Errorf("markup %q", piece)
				}
			}
		}
	})
}
