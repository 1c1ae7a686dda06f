//go:build amd64 && !purego

#include "textflag.h"

// Constants, each byte of which is the same.

DATA lower<>+0(SB)/8, $0x2020202020202020 // a capital's and a small letter's difference
DATA lower<>+8(SB)/8, $0x2020202020202020
DATA lower<>+16(SB)/8, $0x2020202020202020
DATA lower<>+24(SB)/8, $0x2020202020202020
GLOBL lower<>(SB), RODATA|NOPTR, $32

DATA fromA<>+0(SB)/8, $0x1f1f1f1f1f1f1f1f // makes a to z the least signed bytes
DATA fromA<>+8(SB)/8, $0x1f1f1f1f1f1f1f1f
DATA fromA<>+16(SB)/8, $0x1f1f1f1f1f1f1f1f
DATA fromA<>+24(SB)/8, $0x1f1f1f1f1f1f1f1f
GLOBL fromA<>(SB), RODATA|NOPTR, $32

DATA toZ<>+0(SB)/8, $0x9a9a9a9a9a9a9a9a // and these less
DATA toZ<>+8(SB)/8, $0x9a9a9a9a9a9a9a9a
DATA toZ<>+16(SB)/8, $0x9a9a9a9a9a9a9a9a
DATA toZ<>+24(SB)/8, $0x9a9a9a9a9a9a9a9a
GLOBL toZ<>(SB), RODATA|NOPTR, $32

DATA from0<>+0(SB)/8, $0x5050505050505050 // makes 0 to 9 the least signed bytes
DATA from0<>+8(SB)/8, $0x5050505050505050
DATA from0<>+16(SB)/8, $0x5050505050505050
DATA from0<>+24(SB)/8, $0x5050505050505050
GLOBL from0<>(SB), RODATA|NOPTR, $32

DATA to9<>+0(SB)/8, $0x8a8a8a8a8a8a8a8a // and these less
DATA to9<>+8(SB)/8, $0x8a8a8a8a8a8a8a8a
DATA to9<>+16(SB)/8, $0x8a8a8a8a8a8a8a8a
DATA to9<>+24(SB)/8, $0x8a8a8a8a8a8a8a8a
GLOBL to9<>(SB), RODATA|NOPTR, $32

DATA high<>+0(SB)/8, $0x8080808080808080 // what a following byte of a character has, and no more than 0x3f
DATA high<>+8(SB)/8, $0x8080808080808080
DATA high<>+16(SB)/8, $0x8080808080808080
DATA high<>+24(SB)/8, $0x8080808080808080
GLOBL high<>(SB), RODATA|NOPTR, $32

DATA follows<>+0(SB)/8, $0x4040404040404040
DATA follows<>+8(SB)/8, $0x4040404040404040
DATA follows<>+16(SB)/8, $0x4040404040404040
DATA follows<>+24(SB)/8, $0x4040404040404040
GLOBL follows<>(SB), RODATA|NOPTR, $32

DATA row<>+0(SB)/8, $0x2f2f2f2f2f2f2f2f
DATA row<>+8(SB)/8, $0x2f2f2f2f2f2f2f2f
DATA row<>+16(SB)/8, $0x2f2f2f2f2f2f2f2f
DATA row<>+24(SB)/8, $0x2f2f2f2f2f2f2f2f
GLOBL row<>(SB), RODATA|NOPTR, $32

DATA first<>+0(SB)/8, $0xc0c0c0c0c0c0c0c0 // from which a character begins
DATA first<>+8(SB)/8, $0xc0c0c0c0c0c0c0c0
DATA first<>+16(SB)/8, $0xc0c0c0c0c0c0c0c0
DATA first<>+24(SB)/8, $0xc0c0c0c0c0c0c0c0
GLOBL first<>(SB), RODATA|NOPTR, $32

DATA c2<>+0(SB)/8, $0xc2c2c2c2c2c2c2c2
DATA c2<>+8(SB)/8, $0xc2c2c2c2c2c2c2c2
DATA c2<>+16(SB)/8, $0xc2c2c2c2c2c2c2c2
DATA c2<>+24(SB)/8, $0xc2c2c2c2c2c2c2c2
GLOBL c2<>(SB), RODATA|NOPTR, $32

DATA c3<>+0(SB)/8, $0xc3c3c3c3c3c3c3c3
DATA c3<>+8(SB)/8, $0xc3c3c3c3c3c3c3c3
DATA c3<>+16(SB)/8, $0xc3c3c3c3c3c3c3c3
DATA c3<>+24(SB)/8, $0xc3c3c3c3c3c3c3c3
GLOBL c3<>(SB), RODATA|NOPTR, $32

DATA e2<>+0(SB)/8, $0xe2e2e2e2e2e2e2e2
DATA e2<>+8(SB)/8, $0xe2e2e2e2e2e2e2e2
DATA e2<>+16(SB)/8, $0xe2e2e2e2e2e2e2e2
DATA e2<>+24(SB)/8, $0xe2e2e2e2e2e2e2e2
GLOBL e2<>(SB), RODATA|NOPTR, $32

DATA lowerDrop<>+0(SB)/8, $0xdfdfdfdfdfdfdfdf
DATA lowerDrop<>+8(SB)/8, $0xdfdfdfdfdfdfdfdf
DATA lowerDrop<>+16(SB)/8, $0xdfdfdfdfdfdfdfdf
DATA lowerDrop<>+24(SB)/8, $0xdfdfdfdfdfdfdfdf
GLOBL lowerDrop<>(SB), RODATA|NOPTR, $32

DATA aa<>+0(SB)/8, $0xaaaaaaaaaaaaaaaa
DATA aa<>+8(SB)/8, $0xaaaaaaaaaaaaaaaa
DATA aa<>+16(SB)/8, $0xaaaaaaaaaaaaaaaa
DATA aa<>+24(SB)/8, $0xaaaaaaaaaaaaaaaa
GLOBL aa<>(SB), RODATA|NOPTR, $32

DATA bc<>+0(SB)/8, $0xbcbcbcbcbcbcbcbc
DATA bc<>+8(SB)/8, $0xbcbcbcbcbcbcbcbc
DATA bc<>+16(SB)/8, $0xbcbcbcbcbcbcbcbc
DATA bc<>+24(SB)/8, $0xbcbcbcbcbcbcbcbc
GLOBL bc<>(SB), RODATA|NOPTR, $32

DATA sharp<>+0(SB)/8, $0x9f9f9f9f9f9f9f9f // ß and Ÿ of Latin-1 are no pair
DATA sharp<>+8(SB)/8, $0x9f9f9f9f9f9f9f9f
DATA sharp<>+16(SB)/8, $0x9f9f9f9f9f9f9f9f
DATA sharp<>+24(SB)/8, $0x9f9f9f9f9f9f9f9f
GLOBL sharp<>(SB), RODATA|NOPTR, $32

DATA sharpY<>+0(SB)/8, $0x0a0a0a0a0a0a0a0a
DATA sharpY<>+8(SB)/8, $0x0a0a0a0a0a0a0a0a
DATA sharpY<>+16(SB)/8, $0x0a0a0a0a0a0a0a0a
DATA sharpY<>+24(SB)/8, $0x0a0a0a0a0a0a0a0a
GLOBL sharpY<>(SB), RODATA|NOPTR, $32

DATA ae<>+0(SB)/8, $0x8686868686868686
DATA ae<>+8(SB)/8, $0x8686868686868686
DATA ae<>+16(SB)/8, $0x8686868686868686
DATA ae<>+24(SB)/8, $0x8686868686868686
GLOBL ae<>(SB), RODATA|NOPTR, $32

DATA th<>+0(SB)/8, $0x9e9e9e9e9e9e9e9e
DATA th<>+8(SB)/8, $0x9e9e9e9e9e9e9e9e
DATA th<>+16(SB)/8, $0x9e9e9e9e9e9e9e9e
DATA th<>+24(SB)/8, $0x9e9e9e9e9e9e9e9e
GLOBL th<>(SB), RODATA|NOPTR, $32

DATA letterA<>+0(SB)/8, $0x6161616161616161
DATA letterA<>+8(SB)/8, $0x6161616161616161
DATA letterA<>+16(SB)/8, $0x6161616161616161
DATA letterA<>+24(SB)/8, $0x6161616161616161
GLOBL letterA<>(SB), RODATA|NOPTR, $32

DATA letterT<>+0(SB)/8, $0x7474747474747474
DATA letterT<>+8(SB)/8, $0x7474747474747474
DATA letterT<>+16(SB)/8, $0x7474747474747474
DATA letterT<>+24(SB)/8, $0x7474747474747474
GLOBL letterT<>(SB), RODATA|NOPTR, $32

DATA letterS<>+0(SB)/8, $0x7373737373737373
DATA letterS<>+8(SB)/8, $0x7373737373737373
DATA letterS<>+16(SB)/8, $0x7373737373737373
DATA letterS<>+24(SB)/8, $0x7373737373737373
GLOBL letterS<>(SB), RODATA|NOPTR, $32

// What U+00C0 to U+00CF become, and 0x20 more; U+00D0 to U+00DF; U+00B0 to U+00BF.

DATA rowC<>+0(SB)/8, $0x6365616161616161
DATA rowC<>+8(SB)/8, $0x6969696965656565
DATA rowC<>+16(SB)/8, $0x6365616161616161
DATA rowC<>+24(SB)/8, $0x6969696965656565
GLOBL rowC<>(SB), RODATA|NOPTR, $32

DATA rowD<>+0(SB)/8, $0x006f6f6f6f6f6e64
DATA rowD<>+8(SB)/8, $0x796879757575756f
DATA rowD<>+16(SB)/8, $0x006f6f6f6f6f6e64
DATA rowD<>+24(SB)/8, $0x796879757575756f
GLOBL rowD<>(SB), RODATA|NOPTR, $32

DATA rowB<>+0(SB)/8, $0x0000750033320000
DATA rowB<>+8(SB)/8, $0x00000000006f3100
DATA rowB<>+16(SB)/8, $0x0000750033320000
DATA rowB<>+24(SB)/8, $0x00000000006f3100
GLOBL rowB<>(SB), RODATA|NOPTR, $32

// EIGHT writes those of the low eight bytes of X that the low byte of AX tells of.
#define EIGHT(X) \
	MOVBLZX AX, DX \
	SHRL $8, AX \
	VMOVQ (R8)(DX*8), X6 \
	VPSHUFB X6, X, X6 \
	VMOVQ X6, (DI) \
	POPCNTL DX, DX \
	ADDQ DX, DI

// func foldAVX2(to, from *byte, n int, packing *[256]uint64) (took, kept int)
TEXT ·foldAVX2(SB), NOSPLIT, $0-48
	MOVQ to+0(FP), DI
	MOVQ from+8(FP), SI
	MOVQ n+16(FP), CX
	MOVQ packing+24(FP), R8
	VMOVDQU lower<>(SB), Y15
	VMOVDQU fromA<>(SB), Y14
	VMOVDQU toZ<>(SB), Y13
	VMOVDQU from0<>(SB), Y12
	VMOVDQU to9<>(SB), Y11
	VPXOR Y10, Y10, Y10          // the bytes before
	SUBQ $32, CX
	JLT done

next:
	VMOVDQU (SI), Y0
	VPOR Y15, Y0, Y1
	VPADDB Y14, Y1, Y2
	VPADDB Y12, Y0, Y3
	VPCMPGTB Y2, Y13, Y2
	VPCMPGTB Y3, Y11, Y3
	VPOR Y3, Y2, Y2              // letters and digits
	VPMOVMSKB Y0, BX
	VPMOVMSKB Y2, AX
	TESTL BX, BX
	JNZ wide
	ADDQ $32, SI

write:
	VMOVDQA Y0, Y10
	VEXTRACTI128 $1, Y1, X2
	VPSRLDQ $8, X1, X3
	VPSRLDQ $8, X2, X4
	EIGHT(X1)
	EIGHT(X3)
	EIGHT(X2)
	EIGHT(X4)
	SUBQ $32, CX
	JGE next

done:
	VZEROUPPER
	SUBQ from+8(FP), SI
	MOVQ SI, took+32(FP)
	SUBQ to+0(FP), DI
	MOVQ DI, kept+40(FP)
	RET

wide:
	VPAND Y2, Y1, Y1             // what becomes of ASCII, otherwise nothing
	VMOVDQU 1(SI), Y3            // what follows each byte
	VPXOR high<>(SB), Y0, Y2     // of a following byte its six bits
	VPERM2I128 $0x21, Y0, Y10, Y4
	VPALIGNR $15, Y4, Y0, Y4     // what stands before each byte
	VMOVDQU follows<>(SB), Y5
	VPCMPGTB Y2, Y5, Y5          // following bytes, and ASCII, which the tables drop

	// The second bytes of U+00C0 to U+00FF.
	VMOVDQU rowC<>(SB), Y6
	VPSHUFB Y2, Y6, Y6
	VMOVDQU rowD<>(SB), Y7
	VPSHUFB Y2, Y7, Y7
	VPCMPEQB sharp<>(SB), Y0, Y8
	VPAND sharpY<>(SB), Y8, Y8
	VPXOR Y8, Y7, Y7
	VPSLLW $3, Y2, Y8
	VPBLENDVB Y8, Y7, Y6, Y6
	VPCMPEQB c3<>(SB), Y4, Y8
	VPAND Y5, Y8, Y8
	VPAND Y8, Y6, Y6
	VPOR Y6, Y1, Y1

	// The second bytes of U+00B0 to U+00BB.
	VMOVDQU rowB<>(SB), Y6
	VPSHUFB Y2, Y6, Y6
	VPCMPGTB row<>(SB), Y2, Y7
	VPAND Y7, Y6, Y6
	VPCMPEQB c2<>(SB), Y4, Y8
	VPAND Y5, Y8, Y8
	VPAND Y8, Y6, Y6
	VPOR Y6, Y1, Y1

	// The first bytes of letters that become two.
	VPCMPEQB c3<>(SB), Y0, Y9
	VPAND lowerDrop<>(SB), Y3, Y6
	VPCMPEQB ae<>(SB), Y6, Y7
	VPAND letterA<>(SB), Y7, Y7
	VPCMPEQB th<>(SB), Y6, Y6
	VPAND letterT<>(SB), Y6, Y6
	VPOR Y6, Y7, Y7
	VPCMPEQB sharp<>(SB), Y3, Y6
	VPAND letterS<>(SB), Y6, Y6
	VPOR Y6, Y7, Y7
	VPAND Y9, Y7, Y7
	VPOR Y7, Y1, Y1

	// First bytes that are not known here: not C3, not E2 before 80, not C2 but before AA and what follows BB.
	VPCMPEQB e2<>(SB), Y0, Y6
	VPCMPEQB high<>(SB), Y3, Y7
	VPAND Y7, Y6, Y6
	VPOR Y6, Y9, Y9
	VPMAXUB bc<>(SB), Y3, Y6
	VPCMPEQB Y3, Y6, Y6
	VPCMPEQB aa<>(SB), Y3, Y7
	VPOR Y7, Y6, Y6
	VPCMPEQB c2<>(SB), Y0, Y7
	VPANDN Y7, Y6, Y6
	VPOR Y6, Y9, Y9
	VPMAXUB first<>(SB), Y0, Y6
	VPCMPEQB Y0, Y6, Y6
	VPANDN Y6, Y9, Y9

	VPXOR Y7, Y7, Y7
	VPCMPEQB Y7, Y1, Y7
	VPMOVMSKB Y7, AX
	NOTL AX
	VPMOVMSKB Y9, BX
	TESTL BX, BX
	JNZ stop
	ADDQ $32, SI
	JMP write

stop:
	TZCNTL BX, BX
	ADDQ BX, SI
	MOVL $1, DX
	SHLXL BX, DX, DX
	DECL DX
	ANDL DX, AX
	MOVQ $0, CX
	JMP write
