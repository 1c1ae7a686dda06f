package config

import "slices"

// key is one line of the reference: the name, the field it sets, the default, and what the value must be.
type key[T any] struct {
	name     string             // dotted
	field    func(*T) any       // pointer to the field
	as       string             // the type as the reference calls it, where the field's own says too little
	def      string             // as it would be written in the file; empty: the zero value
	check    func(string) error // of a value that was written, or of each element of a list
	doc      string             // for the operator, in whole sentences
	required bool               // in an element of a list
}

// languages are those in which notices and alerts exist.
var languages = [...]string{"nl", "fr", "de", "en"}

// roles are those in which an organisation may notify.
var roles = [...]string{"controller", "processor", "representative", "data_subject"}

// kinds are the source kinds; each has its own file in crawler/kind.
var kinds = [...]string{"directory", "site", "listing", "haste", "feed",
	"pastebin", "gist", "lenpaste", "opengist", "plik", "transfersh", "privatebin", "zerox0", "rentry", "microbin", "rawpaste", "mega",
	"telegram", "gitlab", "discourse", "phpbb", "mybb",
	"s3", "ftp", "rsync", "sitemap", "json", "torrent", "archiveorg", "wayback", "commoncrawl", "ipfs", "softwareheritage", "urlscan", "searxng"}

// recipientKinds are the rungs of the contact ladder for which there is a form of notice.
var recipientKinds = [...]string{"platform", "host", "cdn", "network", "upstream", "registrar", "search", "authority",
	"reverse_search", "link_list", "uptime", "hostile"}

// Languages are those in which notices and alerts exist.
func Languages() []string { return slices.Clone(languages[:]) }

// Kinds are the source kinds that a configuration may name.
func Kinds() []string { return slices.Clone(kinds[:]) }

// RecipientKinds are the kinds of recipient that a configuration may name.
func RecipientKinds() []string { return slices.Clone(recipientKinds[:]) }

// globalKeys is the table from which the defaults, the checks, the variables and the reference come.
func globalKeys() []key[Config] {
	var all []key[Config]
	for _, section := range [...]func() []key[Config]{
		folderKeys, organisationKeys, fleetKeys, scheduleKeys, crawlerKeys, evidenceKeys, mailKeys, deskKeys, takedownKeys,
	} {
		all = append(all, section()...)
	}
	return all
}

func folderKeys() []key[Config] {
	return []key[Config]{
		{name: "data", field: func(c *Config) any { return &c.Data }, def: "./data", check: notEmpty,
			doc: "Folder of the record: database, index and evidence. A relative path is relative to the working directory."},
		{name: "keys", field: func(c *Config) any { return &c.Keys },
			doc: "Folder of the keys; empty: the data folder's name with `.keys` after it. Never inside the data folder, and in no backup of it."},
	}
}

func organisationKeys() []key[Config] {
	return []key[Config]{
		{name: "organisation.name", field: func(c *Config) any { return &c.Organisation.Name }, check: oneLine,
			doc: "Name of the notifier, as it signs the notices. No notice can be approved without it."},
		{name: "organisation.role", field: func(c *Config) any { return &c.Organisation.Role }, def: "controller", check: oneOf(roles[:]...),
			doc: "In which role the notifier acts: `controller`, `processor`, `representative` or `data_subject`."},
		{name: "organisation.contact", field: func(c *Config) any { return &c.Organisation.Contact }, check: oneLine,
			doc: "Person or function to whom answers are addressed."},
		{name: "organisation.email", field: func(c *Config) any { return &c.Organisation.Email }, check: optional(emailAddress),
			doc: "Mail address for answers, as the notice states it. No notice can be approved without it."},
		{name: "organisation.telephone", field: func(c *Config) any { return &c.Organisation.Telephone }, check: oneLine,
			doc: "Telephone number, as the notice states it."},
		{name: "organisation.address", field: func(c *Config) any { return &c.Organisation.Address },
			doc: "Postal address, as the notice states it."},
		{name: "organisation.languages", field: func(c *Config) any { return &c.Organisation.Languages }, def: "nl, en", check: oneOf(languages[:]...),
			doc: "Languages that the organisation answers in, the first one preferred: `nl`, `fr`, `de`, `en`."},
	}
}

func fleetKeys() []key[Config] {
	return []key[Config]{
		{name: "redis.url", field: func(c *Config) any { return &c.Redis.URL }, check: optional(serverURL("redis", "rediss")),
			doc: "Redis of a fleet's crawl plane. Empty: one process, and no server to install. Further servers of a Cluster as `?addr=host:port&addr=…` (`cluster=true` where one is named), Sentinels with `?master_name=…`; `rediss` is encrypted."},
		{name: "fleet.listen", field: func(c *Config) any { return &c.Fleet.Listen }, check: optional(listenAddress),
			doc: "Where the coordinator (`run`) serves index and keys to its workers; empty: nowhere, and it walks all sweeps itself."},
		{name: "fleet.cert", field: func(c *Config) any { return &c.Fleet.Cert },
			doc: "File with the certificate (PEM) of `fleet.listen`. Without it the coordinator listens on loopback only."},
		{name: "fleet.key", field: func(c *Config) any { return &c.Fleet.Key },
			doc: "File with the certificate's private key (PEM)."},
		{name: "fleet.coordinator", field: func(c *Config) any { return &c.Fleet.Coordinator }, check: optional(httpsURL),
			doc: "The coordinator's address, for a worker. HTTPS, except on loopback."},
		{name: "fleet.token", field: func(c *Config) any { return &c.Fleet.Token },
			doc: "What workers and coordinator know each other by, 16 characters at least. Whoever has it gets the matching key."},
		{name: "fleet.ca", field: func(c *Config) any { return &c.Fleet.CA },
			doc: "Certificates (PEM) that a worker trusts instead of the system's."},
		{name: "fleet.exit", field: func(c *Config) any { return &c.Fleet.Exit }, check: oneLine,
			doc: "Label of a worker's way out to the network, such as `vps-paris`, where that is another one than the coordinator's: such a worker looks again at what the coordinator saw gone, which tells \"gone\" from \"gone for us\"."},
	}
}

func scheduleKeys() []key[Config] {
	return []key[Config]{
		{name: "schedule.recheck", field: func(c *Config) any { return &c.Schedule.Recheck }, as: "schedule", def: "@hourly", check: cronSpec,
			doc: "When cases that are due are looked at again."},
		{name: "schedule.outbox", field: func(c *Config) any { return &c.Schedule.Outbox }, as: "schedule", def: "@every 1m", check: cronSpec,
			doc: "When approved notices and alerts that are due are sent."},
		{name: "schedule.digest", field: func(c *Config) any { return &c.Schedule.Digest }, as: "schedule", def: "0 8 * * 1", check: cronSpec,
			doc: "When subscribers who chose a digest get it."},
		{name: "schedule.purge", field: func(c *Config) any { return &c.Schedule.Purge }, as: "schedule", def: "@daily", check: cronSpec,
			doc: "When what is past its keeping time is deleted."},
		{name: "schedule.replies", field: func(c *Config) any { return &c.Schedule.Replies }, as: "schedule", def: "@every 2m", check: cronSpec,
			doc: "When the mailbox of answers (`mail.imap`) is read."},
	}
}

func crawlerKeys() []key[Config] {
	return []key[Config]{
		{name: "crawler.user_agent_contact", field: func(c *Config) any { return &c.Crawler.UserAgentContact }, check: optional(contactURL),
			doc: "`https://…` or `mailto:…`, sent with every request, so that the crawled can reach you. Choose a neutral one: it must not tell whose leak is looked for. Without it no public address is fetched."},
		{name: "crawler.allow_private", field: func(c *Config) any { return &c.Crawler.AllowPrivate }, check: privateAddress,
			doc: "Addresses that are not public and may be fetched all the same: an address, a network, `host:port` or `localhost`. For tests and intranets."},
		{name: "crawler.max_item_bytes", field: func(c *Config) any { return &c.Crawler.MaxItemBytes }, def: "2GiB", check: positiveSize,
			doc: "Most bytes that are fetched of one item."},
		{name: "crawler.per_host_delay", field: func(c *Config) any { return &c.Crawler.PerHostDelay }, def: "2s",
			doc: "Least time between the end of an answer and the next request to the same host. A longer `Crawl-delay` of its robots.txt wins."},
		{name: "crawler.second_exit", field: func(c *Config) any { return &c.Crawler.SecondExit }, check: optional(proxyURL),
			doc: "Proxy on another network, `socks5h://…` or `http://…`, through which a recheck that says \"gone\" is repeated. Until both networks say so, a case reads \"gone for us\". Empty: one network only."},
		{name: "matching.notice_bits", field: func(c *Config) any { return &c.Matching.NoticeBits }, def: "64", check: positive,
			doc: "Weight from which a match opens a case: 64 bits means that what is shared occurs by chance once in 2⁶⁴ unrelated items. Lighter ones are `weak`, and a person triages them."},
		{name: "matching.ocr", field: func(c *Config) any { return &c.Matching.OCR }, def: "auto", check: oneOf("auto", "off"),
			doc: "Whether the text of images is read by tesseract, too, where that is installed (`auto`), and goes the way of other text; `off`: never. Pages are recognised by their images either way; reading one takes seconds of a processor."},
		{name: "rdap.bootstrap", field: func(c *Config) any { return &c.RDAP.Bootstrap }, def: "https://data.iana.org/rdap/", check: bootstrap,
			doc: "Where the registries of addresses and domains are listed: a URL, or a file."},
	}
}

func evidenceKeys() []key[Config] {
	return []key[Config]{
		{name: "evidence.recipients", field: func(c *Config) any { return &c.Evidence.Recipients }, check: ageRecipient,
			doc: "age recipients (`age1…`) of counsel to whom evidence is encrypted, two at least, so that one lost key loses nothing. Empty: no evidence is kept, and the pages say so."},
		{name: "evidence.keep", field: func(c *Config) any { return &c.Evidence.Keep }, def: "43800h",
			doc: "How long evidence stays after its case was gone or dismissed (five years, a usual term for claims), unless `unmirror evidence hold` keeps it. 0: for ever. Counsel says what the law of the case asks."},
		{name: "evidence.timestamp_authority.url", field: func(c *Config) any { return &c.Evidence.TimestampAuthority.URL }, check: optional(webURL),
			doc: "Time stamping authority (RFC 3161) that is asked for a token of each evidence file. It is told the file's digest and nothing else; while it fails, nothing waits for it. Empty: none."},
		{name: "evidence.timestamp_authority.ca", field: func(c *Config) any { return &c.Evidence.TimestampAuthority.CA }, check: oneLine,
			doc: "File with the certificates (PEM) to which the authority's own must lead. Needed with `url`."},
		{name: "evidence.timestamp_authority.policy", field: func(c *Config) any { return &c.Evidence.TimestampAuthority.Policy }, check: oneLine,
			doc: "Object identifier of the policy that is asked for and that tokens must be made under. Empty: the authority's own."},
	}
}

func mailKeys() []key[Config] {
	return []key[Config]{
		{name: "mail.smtp", field: func(c *Config) any { return &c.Mail.SMTP }, check: optional(serverURL("smtp", "smtps")),
			doc: "Server that takes outgoing mail: `smtp://user@host:587`, or `smtps://user@host:465` for TLS from the first byte. Empty: nothing is sent, approved notices wait."},
		{name: "mail.password", field: func(c *Config) any { return &c.Mail.Password },
			doc: "Password of the user in `mail.smtp`; wins over one that stands in the URL."},
		{name: "mail.imap", field: func(c *Config) any { return &c.Mail.IMAP }, check: optional(serverURL("imap", "imaps")),
			doc: "Mailbox that answers are read from: `imaps://user@host`; a path names another folder than `INBOX`. Each mail is read once and marked, none is deleted. The first reading takes what is unread, and what came since the first notice went out. Empty: none is read."},
		{name: "mail.imap_password", field: func(c *Config) any { return &c.Mail.IMAPPassword },
			doc: "Password of the user in `mail.imap`; wins over one that stands in the URL. Unset: `mail.password`, where both name the same user."},
		{name: "mail.plus", field: func(c *Config) any { return &c.Mail.Plus }, def: "false",
			doc: "Notices ask for answers to `mail.from` with a signed ticket number behind a plus sign (`takedown+um-2026-000123.…@`), so that an answer finds its case whatever becomes of its subject. The mailbox must take such addresses."},
		{name: "mail.per_domain", field: func(c *Config) any { return &c.Mail.PerDomain }, def: "3s",
			doc: "Least time between two notices to recipients of one domain, also across runs. 0: none."},
		{name: "mail.dkim.selector", field: func(c *Config) any { return &c.Mail.DKIM.Selector }, check: oneLine,
			doc: "Selector under which the public key stands in the DNS (`selector._domainkey.domain`). Empty: outgoing mail is not signed here."},
		{name: "mail.dkim.domain", field: func(c *Config) any { return &c.Mail.DKIM.Domain }, check: oneLine,
			doc: "Domain that signs. Empty: that of `mail.from`."},
		{name: "mail.dkim.key", field: func(c *Config) any { return &c.Mail.DKIM.Key },
			doc: "Private key in PEM: RSA (PKCS #1 or #8, 1024 bits at least) or Ed25519 (PKCS #8)."},
		{name: "mail.from", field: func(c *Config) any { return &c.Mail.From }, check: optional(emailAddress),
			doc: "Sender of notices and alerts."},
		{name: "mail.hello", field: func(c *Config) any { return &c.Mail.Hello }, check: optional(helloName),
			doc: "Host name that is given in the SMTP greeting. Empty: this machine's."},
		{name: "mail.tls", field: func(c *Config) any { return &c.Mail.TLS }, def: "auto", check: oneOf("auto", "require", "none"),
			doc: "`auto`: STARTTLS where the server offers it; `require`: no mail without TLS; `none`: never. Credentials go without TLS on loopback only."},
	}
}

func deskKeys() []key[Config] {
	return []key[Config]{
		{name: "desk.listen", field: func(c *Config) any { return &c.Desk.Listen }, def: "127.0.0.1:8080", check: listenAddress,
			doc: "Where the desk, the victims' pages, `/healthz` and `/metrics` are served. TLS is the business of the proxy before it."},
		{name: "desk.public_url", field: func(c *Config) any { return &c.Desk.PublicURL }, check: optional(webURL),
			doc: "The desk's address as others reach it; links in mails begin with it. Empty: `http://` and `desk.listen`."},
		{name: "desk.cookie_secure", field: func(c *Config) any { return &c.Desk.CookieSecure }, def: "auto", check: oneOf("auto", "always", "never"),
			doc: "Whether cookies are for HTTPS only; `auto`: when `desk.public_url` is an https address."},
		{name: "desk.metrics_token", field: func(c *Config) any { return &c.Desk.MetricsToken },
			doc: "Bearer token that `/metrics` asks for. Without one it answers on loopback only."},
	}
}

func takedownKeys() []key[Config] {
	return []key[Config]{
		{name: "takedown.law", field: func(c *Config) any { return &c.Takedown.Law }, check: oneLine,
			doc: "Folder with any of `regimes.yaml`, `acts.yaml`, `grounds.yaml`, `dates.yaml`, `terms.yaml`, `templates/*.txt` and `templates/words.yaml`, whose entries replace or add to the law and the letters that the program carries (`unmirror law export`, `law check`). Empty: none."},
		{name: "takedown.gone_checks", field: func(c *Config) any { return &c.Takedown.GoneChecks }, def: "3", check: between(2, 100),
			doc: "How many checks in a row must find nothing before a case counts as gone."},
		{name: "takedown.gone_apart", field: func(c *Config) any { return &c.Takedown.GoneApart },
			doc: "Least time between two of those checks. Empty or 0: half of the shortest interval of `schedule.recheck`."},
		{name: "takedown.watch", field: func(c *Config) any { return &c.Takedown.Watch }, def: "4320h", check: positiveDuration,
			doc: "How long a gone case is still looked at, in growing intervals (180 days). A sweep that finds it later opens it again all the same."},
		{name: "takedown.keep_replies", field: func(c *Config) any { return &c.Takedown.KeepReplies }, def: "8760h",
			doc: "How long what an answer says is kept after it came, once its cases are gone or dismissed (a year). Mails that belong to no case are forgotten after 90 days at the latest. 0: kept."},
		{name: "takedown.reminder", field: func(c *Config) any { return &c.Takedown.Reminder }, def: "48h",
			doc: "After how long without removal a reminder is drafted. Whole days count as working days: weekends, and in Belgium and the Netherlands public holidays, do not pass. 0: never."},
		{name: "takedown.escalation", field: func(c *Config) any { return &c.Takedown.Escalation }, def: "72h",
			doc: "After how long since the last notice about it, likewise in working days, a notice to the next rung of the ladder is drafted. 0: never."},
		{name: "takedown.complaint", field: func(c *Config) any { return &c.Takedown.Complaint }, def: "720h",
			doc: "After how long since the first notice a complaint to the supervisory authority is drafted; after a refusal it is drafted at once. 0: never."},
		{name: "takedown.fresh_look", field: func(c *Config) any { return &c.Takedown.FreshLook }, def: "24h", check: positiveDuration,
			doc: "How old the last look may be when a notice leaves: otherwise the place is looked at first. A reminder and each further step leave only when the look found the content live."},
		{name: "takedown.fresh_contact", field: func(c *Config) any { return &c.Takedown.FreshContact }, def: "24h", check: positiveDuration,
			doc: "How old the look-up of the recipient may be when a notice leaves: otherwise it is looked up again. One that changed takes the approval with it; a look-up that fails changes nothing."},
		{name: "takedown.two_persons", field: func(c *Config) any { return &c.Takedown.TwoPersons }, def: "off", check: oneOf("off", "escalations", "all"),
			doc: "Which notices two different counsel approve, each the same digest: none (`off`), escalations and complaints (`escalations`), or `all`. A withdrawal always takes one."},
		{name: "takedown.rejection_limit", field: func(c *Config) any { return &c.Takedown.RejectionLimit }, def: "0.5", check: share,
			doc: "Share of the last ten decisions above which no further notice is drafted until counsel has looked (`unmirror doubt`): counsel's rejections, dismissals and withdrawals for a leak or a source, refusals for a recipient. 0: drafts are never stopped."},
		{name: "takedown.quiet", field: func(c *Config) any { return &c.Takedown.Quiet }, check: quietHours,
			doc: "When no notice is sent, as in `20:00-07:00 weekends Europe/Brussels`: spans of the day, `weekends`, and the zone in which they are meant. What is approved waits; withdrawals do not. Empty: never."},
		{name: "log.level", field: func(c *Config) any { return &c.Log.Level }, def: "info", check: oneOf("debug", "info", "warn", "error"),
			doc: "The least important line that is logged."},
		{name: "log.format", field: func(c *Config) any { return &c.Log.Format }, def: "text", check: oneOf("text", "json"),
			doc: "`text` for people, `json` for machines."},
	}
}

// sourceKeys are the fields of an element of `sources`.
func sourceKeys() []key[Source] {
	return []key[Source]{
		{name: "name", field: func(s *Source) any { return &s.Name }, check: nameOfSource, required: true,
			doc: "What logs, lists and the command line call the source. Unique; letters, digits, `.`, `-`, `_`. It stands in logs: never name a victim or a file in it."},
		{name: "kind", field: func(s *Source) any { return &s.Kind }, check: oneOf(kinds[:]...), required: true,
			doc: "How to list and read it: `directory` (listings of nginx, Apache, lighttpd, Caddy, Python, IIS), `site` (follows links), `listing` (a page of items, by CSS selectors), `haste` (Hastebin and its kin), `feed` (RSS, Atom, JSON Feed), `sitemap`, `json` (an interface, by paths), `s3` (open buckets), `ftp`, `rsync`, `torrent` (.torrent files), `archiveorg`, `wayback` and `commoncrawl` (captures of a site), `ipfs` (one gateway), `softwareheritage` and `urlscan` (asked by digest), `searxng` (asked for beacons), `pastebin`, `gist` (GitHub), `gitlab` (snippets), `opengist`, `lenpaste`, `plik`, `transfersh`, `privatebin` (links with their keys), `zerox0` (0x0.st), `rentry`, `microbin`, `rawpaste` (dpaste, termbin and others), `mega` (reported, never fetched), `telegram` (public previews), `discourse`, `phpbb`, `mybb`."},
		{name: "url", field: func(s *Source) any { return &s.URL }, check: sourceURL,
			doc: "Where it begins: `http://` or `https://`, and for the kinds that read them `ftp://`, `ftps://`, `rsync://`. **Required**, except that `pastebin`, `gist`, `gitlab`, `zerox0`, `rentry`, `transfersh` and `mega` begin at their public place."},
		{name: "every", field: func(s *Source) any { return &s.Every }, as: "schedule", def: "@daily", check: optional(cronSpec),
			doc: "When it is swept. `\"\"`: only by `unmirror sweep`."},
		{name: "depth", field: func(s *Source) any { return &s.Depth }, check: between(0, 64),
			doc: "How many folders (`directory`), links (`site`) or further pages (`listing`) from the beginning are followed. 0: as many as is usual for the kind."},
		{name: "follow", field: func(s *Source) any { return &s.Follow }, check: optional(regularExpression),
			doc: "`site`: only addresses that match this regular expression are followed."},
		{name: "item", field: func(s *Source) any { return &s.Item }, check: oneLine,
			doc: "`listing`, `haste`: CSS selector of the links to the items; `@attribute` after it names where the address stands, when that is not `href`. `json`: path of the items, such as `data[]`."},
		{name: "raw", field: func(s *Source) any { return &s.Raw }, check: optional(rawPattern),
			doc: "`listing`, `haste`, `feed`, `sitemap`, `rawpaste`: where an item's bytes are, with `{id}` for its name or `{href}` for its link: `/raw/{id}`. `json`: with `{path}` for a value of the item."},
		{name: "next", field: func(s *Source) any { return &s.Next }, check: oneLine,
			doc: "`listing`: CSS selector of the link to the next page. `json`: its address, with `{path}` for a value of the page; without it the answer's `Link` header with `rel=next` is followed."},
		{name: "items", field: func(s *Source) any { return &s.Items }, check: oneLine,
			doc: "Addresses or names of items that are known from elsewhere, for places that list nothing: `lenpaste`, `plik`, `transfersh`, `privatebin` (with the key behind the `#`), `zerox0`, `rentry`, `rawpaste` and `mega` need them, a `haste` these or `item`."},
		{name: "robots", field: func(s *Source) any { return &s.Robots }, def: "obey", check: oneOf("obey", "known_items"),
			doc: "`obey` robots.txt (RFC 9309) in everything; `known_items`: fetch also an exact address that was published elsewhere, or that a case is about, where robots.txt forbids it."},
		{name: "robots_reason", field: func(s *Source) any { return &s.RobotsReason }, check: oneLine,
			doc: "Why `known_items` is right here. Required with it, logged and shown: keep personal data out of it."},
		{name: "max_items", field: func(s *Source) any { return &s.MaxItems }, def: "100000", check: between(1, 100_000_000),
			doc: "Most addresses of one sweep."},
		{name: "max_bytes", field: func(s *Source) any { return &s.MaxBytes }, def: "50GiB", check: positiveSize,
			doc: "Most bytes that one sweep fetches; the next one goes on with the rest."},
		{name: "max_time", field: func(s *Source) any { return &s.MaxTime }, def: "12h", check: positiveDuration,
			doc: "Longest time that one sweep takes; the next one goes on where it stopped."},
		{name: "max_requests", field: func(s *Source) any { return &s.MaxRequests }, check: between(0, 100_000_000),
			doc: "Most requests of one sweep; the next one goes on with the rest. 0: as many as the other budgets allow."},
		{name: "elsewhere", field: func(s *Source) any { return &s.Elsewhere }, def: "200", check: between(0, 100_000),
			doc: "How many links to items at other places (a paste, a file of a file host) that its pages publish are followed in one sweep, once each, by the rules of those places. 0: none."},
		{name: "beacons", field: func(s *Source) any { return &s.Beacons }, check: oneLine,
			doc: "Words that a kind which searches sends to the place: marks of your own, such as a canary's. Never a name, a number or a passage out of the leak: what the index knows is refused."},
		{name: "lookups", field: func(s *Source) any { return &s.Lookups }, def: "false",
			doc: "Whether digests of known files may be sent to this source, to ask whether it holds them. Only those of files that are too large to be guessed. The place learns that somebody looks for that file."},
		{name: "token", field: func(s *Source) any { return &s.Token },
			doc: "Key of the place's own interface, sent over https to the host of `url` only. No log-in behind a wall."},
		{name: "proxy", field: func(s *Source) any { return &s.Proxy }, check: optional(proxyURL),
			doc: "Way out for every request of this source: `socks5h://127.0.0.1:9050` (Tor), or `http://host:port`. Names are looked up behind it, so that private addresses are kept out by their spelling only. An `.onion` address needs one."},
		{name: "tls.ca", field: func(s *Source) any { return &s.TLS.CA }, check: oneLine,
			doc: "File of certificates (PEM) that are trusted for this source instead of the system's."},
		{name: "tls.min_version", field: func(s *Source) any { return &s.TLS.MinVersion }, check: optional(oneOf("1.0", "1.1", "1.2", "1.3")),
			doc: "Oldest version of TLS that is spoken: `1.0` to `1.3`. Empty: 1.2."},
		{name: "tls.server_name", field: func(s *Source) any { return &s.TLS.ServerName }, check: optional(helloName),
			doc: "Name that the certificate must carry, where it is not the host of the address."},
		{name: "revisit.min", field: func(s *Source) any { return &s.Revisit.Min }, def: "1h",
			doc: "What changes more often than this is looked at in every sweep."},
		{name: "revisit.max", field: func(s *Source) any { return &s.Revisit.Max }, def: "168h",
			doc: "Longest time that folders below the first, pages and items are left alone when they hardly ever change, as their own history tells. Known matches, the beginning and `items` are looked at in every sweep. 0: so is everything."},
		{name: "revisit.folders", field: func(s *Source) any { return &s.Revisit.Folders }, def: "24h",
			doc: "Longest time that a folder of small files is not read again because its own time in the listing above it stands still: a file that was written anew in its place does not move that. 0: every sweep reads every folder."},
		{name: "delay", field: func(s *Source) any { return &s.Delay },
			doc: "Longer delay for this source than `crawler.per_host_delay`."},
	}
}

// recipientKeys are the fields of an element of `recipients`.
func recipientKeys() []key[Recipient] {
	return []key[Recipient]{
		{name: "place", field: func(r *Recipient) any { return &r.Place }, check: recipientPlace, required: true,
			doc: "For which places: a registrable domain, an address, `address:port` or a network."},
		{name: "name", field: func(r *Recipient) any { return &r.Name }, check: oneLine,
			doc: "The recipient's name."},
		{name: "email", field: func(r *Recipient) any { return &r.Email }, check: emailAddress, required: true,
			doc: "Where its abuse desk reads mail."},
		{name: "language", field: func(r *Recipient) any { return &r.Language }, def: "en", check: oneOf(languages[:]...),
			doc: "Language of its notices: `nl`, `fr`, `de` or `en`. An English version follows the other three."},
		{name: "kind", field: func(r *Recipient) any { return &r.Kind }, def: "host", check: oneOf(recipientKinds[:]...),
			doc: "Which rung of the ladder it is, nearest first: `platform` runs the site, `host` the machine, `cdn` stands before it, `network` and `upstream` carry it, `registrar`, `search`, `authority` to complain to. Never written to: `reverse_search`, `link_list`, `uptime`, `hostile`."},
		{name: "profile.attachments", field: func(r *Recipient) any { return &r.Profile.Attachments }, def: "true",
			doc: "Takes attached machine-readable reports (XARF)."},
		{name: "profile.one_url", field: func(r *Recipient) any { return &r.Profile.OneURL }, def: "false",
			doc: "Wants one address a report."},
		{name: "profile.offers_in_eu", field: func(r *Recipient) any { return &r.Profile.OffersInEU }, def: "true",
			doc: "Offers its service in the Union, so that the DSA binds it."},
		{name: "profile.form", field: func(r *Recipient) any { return &r.Profile.Form }, check: oneLine,
			doc: "Takes notices through this form alone (`unmirror notice show ID --format form` names the forms): a person hands them in. Empty: it takes mail."},
		{name: "profile.tells_owner", field: func(r *Recipient) any { return &r.Profile.TellsOwner }, def: "false",
			doc: "Passes a notice on to whoever uploaded; shown to counsel."},
	}
}
