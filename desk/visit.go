package desk

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"golang.org/x/text/language"

	"unmirror/internal/account"
	"unmirror/takedown"
)

// visit is what is known about one request: who comes, in which language.
type visit struct {
	lang    *lang
	user    *account.User // nil: not signed in
	pattern string
	started time.Time
}

type visitKey struct{}

func visitOf(r *http.Request) *visit {
	if v, ok := r.Context().Value(visitKey{}).(*visit); ok {
		return v
	}
	return &visit{}
}

// visit finds out who comes and in which language they read.
func (d *desk) visit(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := &visit{started: d.Now(), lang: d.language(w, r, "")}
		r = r.WithContext(context.WithValue(r.Context(), visitKey{}, v))
		if session := d.sessions.GetString(r.Context(), "user"); session != "" {
			u, err := d.Accounts.BySession(r.Context(), session)
			switch {
			case errors.Is(err, account.ErrUnknown): // the account is gone or has a new password, and so the session ends
				if err := d.sessions.Destroy(r.Context()); err != nil {
					d.fail(w, r, err)
					return
				}
			case err != nil:
				d.fail(w, r, err)
				return
			default:
				v.user, v.lang = &u, d.language(w, r, u.Lang)
			}
		}
		next.ServeHTTP(w, r)
		d.Log.DebugContext(r.Context(), "page", "method", r.Method, "route", v.pattern, "took", d.Now().Sub(v.started))
	})
}

// language chooses: what the address asks for (and that is kept), what was chosen before in this browser, the account's own,
// what the browser prefers, English.
func (d *desk) language(w http.ResponseWriter, r *http.Request, own string) *lang {
	if l := d.langs[r.URL.Query().Get("lang")]; l != nil {
		d.keepLanguage(w, l.Lang)
		return l
	}
	if c, err := r.Cookie("lang"); err == nil && d.langs[c.Value] != nil {
		return d.langs[c.Value]
	}
	if l := d.langs[own]; l != nil {
		return l
	}
	if prefs, _, err := language.ParseAcceptLanguage(r.Header.Get("Accept-Language")); err == nil && len(prefs) > 0 {
		if _, i, confidence := d.matcher.Match(prefs...); confidence >= language.Low {
			return d.langs[d.tags[i]]
		}
	}
	return d.langs["en"]
}

func (d *desk) keepLanguage(w http.ResponseWriter, tag string) {
	http.SetCookie(w, &http.Cookie{Name: "lang", Value: tag, Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true,
		Secure: d.secure(), SameSite: http.SameSiteLaxMode})
}

// actor is the account that the docket and the audit log name.
func actor(r *http.Request) takedown.Actor {
	u := visitOf(r).user
	if u == nil {
		return takedown.Actor{}
	}
	return takedown.Actor{ID: u.ID, Name: u.Name, Role: u.Role}
}

// shield sets what holds for every answer. There is no script at all, so that none is allowed.
func (d *desk) shield(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; "+
			"form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		h.Set("X-Robots-Tag", "noindex")
		h.Set("Cache-Control", "no-store")
		if d.secure() {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}

// peer is the address that a request comes from. Behind a proxy on this machine it is what the proxy says, namely the last entry of
// X-Forwarded-For: earlier ones are the visitor's own words.
func peer(r *http.Request) netip.Addr {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return netip.IPv6Unspecified()
	}
	if addr = addr.Unmap(); !addr.IsLoopback() {
		return addr
	}
	all := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	if last, err := netip.ParseAddr(strings.TrimSpace(all[len(all)-1])); err == nil {
		return last.Unmap()
	}
	return addr
}

// network is what attempts are counted by: one IPv4 address, or the IPv6 network that one customer gets.
func network(r *http.Request) string {
	addr := peer(r)
	bits := 32
	if addr.Is6() {
		bits = 56
	}
	p, err := addr.WithZone("").Prefix(bits)
	if err != nil {
		return addr.String()
	}
	return p.String()
}

// local returns where on this desk a form may lead back to, or "/".
func local(path string) string {
	u, err := url.Parse(path)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") ||
		strings.ContainsAny(path, "\\\r\n\t") {
		return "/"
	}
	return path
}

// loginFor leads to the log-in page and from there back to what was asked for.
func loginFor(r *http.Request) string {
	if r.Method != http.MethodGet {
		return "/login"
	}
	return "/login?next=" + url.QueryEscape(r.URL.RequestURI())
}
