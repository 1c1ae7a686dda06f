package kind

// stores are the file stores: buckets, FTP, rsync and their like.
func stores() []Kind {
	return []Kind{}
}
