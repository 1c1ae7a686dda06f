package open

import (
	"archive/tar"
	"archive/zip"
	"errors"
	"io"

	"github.com/bodgit/sevenzip"
	"github.com/klauspost/compress/zstd"
	"github.com/nwaples/rardecode/v2"
)

// faultOf translates a library's error into ours, so that nothing of what was read travels within a message.
func faultOf(err error) error {
	if err == nil {
		return nil
	}
	for _, own := range []error{ErrEncrypted, ErrTruncated, ErrDamaged, ErrUnsupported, errParent} {
		if errors.Is(err, own) {
			return own
		}
	}
	var limit *LimitError
	if errors.As(err, &limit) {
		return limit
	}
	var seven *sevenzip.ReadError
	if errors.As(err, &seven) && seven.Encrypted {
		return ErrEncrypted
	}
	for ours, theirs := range map[error][]error{
		ErrTruncated:   {io.ErrUnexpectedEOF, io.EOF, rardecode.ErrUnexpectedArcEnd, rardecode.ErrMultiVolume, rardecode.ErrShortFile},
		ErrEncrypted:   {rardecode.ErrArchiveEncrypted, rardecode.ErrArchivedFileEncrypted, rardecode.ErrBadPassword},
		ErrUnsupported: {zip.ErrAlgorithm, rardecode.ErrUnknownVersion},
		ErrDamaged:     {zip.ErrChecksum, zip.ErrFormat, tar.ErrHeader},
		errTooLarge:    {rardecode.ErrDictionaryTooLarge, zstd.ErrWindowSizeExceeded, zstd.ErrDecoderSizeExceeded},
	} {
		for _, t := range theirs {
			if errors.Is(err, t) {
				return ours
			}
		}
	}
	return ErrDamaged
}

// errTooLarge is content whose header asks for more memory than there is.
var errTooLarge error = &LimitError{Limit: "memory"}
