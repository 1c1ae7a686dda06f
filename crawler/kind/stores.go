package kind

// stores are the file stores: buckets, FTP, rsync and their like, and what an operator describes in JSON paths.
func stores() []Kind {
	return []Kind{jsonKind()}
}
