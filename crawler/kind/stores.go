package kind

// stores are the file stores: buckets, FTP, rsync and their like, sitemaps, and what an operator describes in JSON paths.
func stores() []Kind {
	return []Kind{s3(), ftp(), rsync(), sitemap(), jsonKind(), torrent()}
}
