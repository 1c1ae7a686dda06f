package kind

import "net/url"

// ftp reads FTP servers through package ftp, which lists a folder in Caddy's form.
func ftp() Kind {
	k := remote("ftp", "ftp", "ftps")
	k.Contact = "the mail address in the server's banner or greeting"
	k.Never = "anything above the root folder or on another host; active mode, other hosts' ports, writing commands"
	k.Gone = "550 to an item that is not about permissions; a refused log-in (530), a missing permission, and a full or broken server (4xx) say nothing"
	return k
}

// rsync reads rsync daemons through package rsync, likewise. The root is the list of modules, or one of them.
func rsync() Kind {
	k := remote("rsync", "rsync")
	k.Gone = "no such file, folder or module; a module that wants a password or refuses our address, and a full daemon say nothing"
	k.Contact = "the mail address in the daemon's message of the day"
	k.Never = "anything above the root folder or on another host; checksums, for which the daemon would read whole files"
	return k
}

// remote is a place whose folders come as JSON of this program's own making.
func remote(name string, schemes ...string) Kind {
	return Kind{
		Name:    name,
		Depth:   16,
		Schemes: schemes,
		Folders: true,
		seeds:   func(s Spec) []Link { return append(given(s), Link{URL: folder(s.Root).String(), Lists: true}) },
		read:    func(s Spec, p Page) (Found, error) { return readDirectoryJSON(s, p, p.Body) },
		within: func(s Spec, to *url.URL) bool {
			return s.Root.Scheme == to.Scheme && s.Root.Host == to.Host && under(folder(s.Root), to)
		},
	}
}
