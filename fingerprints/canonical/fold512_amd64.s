//go:build amd64 && !purego

#include "textflag.h"

// What ASCII becomes.
DATA ascii<>+0(SB)/8, $0x0000000000000000
DATA ascii<>+8(SB)/8, $0x0000000000000000
DATA ascii<>+16(SB)/8, $0x0000000000000000
DATA ascii<>+24(SB)/8, $0x0000000000000000
DATA ascii<>+32(SB)/8, $0x0000000000000000
DATA ascii<>+40(SB)/8, $0x0000000000000000
DATA ascii<>+48(SB)/8, $0x3736353433323130
DATA ascii<>+56(SB)/8, $0x0000000000003938
DATA ascii<>+64(SB)/8, $0x6766656463626100
DATA ascii<>+72(SB)/8, $0x6f6e6d6c6b6a6968
DATA ascii<>+80(SB)/8, $0x7776757473727170
DATA ascii<>+88(SB)/8, $0x00000000007a7978
DATA ascii<>+96(SB)/8, $0x6766656463626100
DATA ascii<>+104(SB)/8, $0x6f6e6d6c6b6a6968
DATA ascii<>+112(SB)/8, $0x7776757473727170
DATA ascii<>+120(SB)/8, $0x00000000007a7978
GLOBL ascii<>(SB), RODATA|NOPTR, $128

// What U+0080 to U+00BF become: of two letters the second.
DATA secondC2<>+0(SB)/8, $0x0000000000000000
DATA secondC2<>+8(SB)/8, $0x0000000000000000
DATA secondC2<>+16(SB)/8, $0x0000000000000000
DATA secondC2<>+24(SB)/8, $0x0000000000000000
DATA secondC2<>+32(SB)/8, $0x0000000000000000
DATA secondC2<>+40(SB)/8, $0x0000000000610000
DATA secondC2<>+48(SB)/8, $0x0000750033320000
DATA secondC2<>+56(SB)/8, $0x00343234006f3100
GLOBL secondC2<>(SB), RODATA|NOPTR, $64

// And the first, of fractions.
DATA firstC2<>+0(SB)/8, $0x0000000000000000
DATA firstC2<>+8(SB)/8, $0x0000000000000000
DATA firstC2<>+16(SB)/8, $0x0000000000000000
DATA firstC2<>+24(SB)/8, $0x0000000000000000
DATA firstC2<>+32(SB)/8, $0x0000000000000000
DATA firstC2<>+40(SB)/8, $0x0000000000000000
DATA firstC2<>+48(SB)/8, $0x0000000000000000
DATA firstC2<>+56(SB)/8, $0x0033313100000000
GLOBL firstC2<>(SB), RODATA|NOPTR, $64

// What U+00C0 to U+00FF become: of two letters the second.
DATA secondC3<>+0(SB)/8, $0x6365616161616161
DATA secondC3<>+8(SB)/8, $0x6969696965656565
DATA secondC3<>+16(SB)/8, $0x006f6f6f6f6f6e64
DATA secondC3<>+24(SB)/8, $0x736879757575756f
DATA secondC3<>+32(SB)/8, $0x6365616161616161
DATA secondC3<>+40(SB)/8, $0x6969696965656565
DATA secondC3<>+48(SB)/8, $0x006f6f6f6f6f6e64
DATA secondC3<>+56(SB)/8, $0x796879757575756f
GLOBL secondC3<>(SB), RODATA|NOPTR, $64

// And the first.
DATA firstC3<>+0(SB)/8, $0x0061000000000000
DATA firstC3<>+8(SB)/8, $0x0000000000000000
DATA firstC3<>+16(SB)/8, $0x0000000000000000
DATA firstC3<>+24(SB)/8, $0x7374000000000000
DATA firstC3<>+32(SB)/8, $0x0061000000000000
DATA firstC3<>+40(SB)/8, $0x0000000000000000
DATA firstC3<>+48(SB)/8, $0x0000000000000000
DATA firstC3<>+56(SB)/8, $0x0074000000000000
GLOBL firstC3<>(SB), RODATA|NOPTR, $64

// What U+0100 to U+013F become: of two letters the second.
DATA secondC4<>+0(SB)/8, $0x6363616161616161
DATA secondC4<>+8(SB)/8, $0x6464636363636363
DATA secondC4<>+16(SB)/8, $0x6565656565656464
DATA secondC4<>+24(SB)/8, $0x6767676765656565
DATA secondC4<>+32(SB)/8, $0x6868686867676767
DATA secondC4<>+40(SB)/8, $0x6969696969696969
DATA secondC4<>+48(SB)/8, $0x6b6b6a6a6a6a6969
DATA secondC4<>+56(SB)/8, $0x6c6c6c6c6c6c6c6b
GLOBL secondC4<>(SB), RODATA|NOPTR, $64

// And the first.
DATA firstC4<>+0(SB)/8, $0x0000000000000000
DATA firstC4<>+8(SB)/8, $0x0000000000000000
DATA firstC4<>+16(SB)/8, $0x0000000000000000
DATA firstC4<>+24(SB)/8, $0x0000000000000000
DATA firstC4<>+32(SB)/8, $0x0000000000000000
DATA firstC4<>+40(SB)/8, $0x0000000000000000
DATA firstC4<>+48(SB)/8, $0x0000000069690000
DATA firstC4<>+56(SB)/8, $0x0000000000000000
GLOBL firstC4<>(SB), RODATA|NOPTR, $64

// What U+0140 to U+017F become: of two letters the second.
DATA secondC5<>+0(SB)/8, $0x6e6e6e6e6e6c6c6c
DATA secondC5<>+8(SB)/8, $0x6f6f6f6f6e6e6e6e
DATA secondC5<>+16(SB)/8, $0x7272727265656f6f
DATA secondC5<>+24(SB)/8, $0x7373737373737272
DATA secondC5<>+32(SB)/8, $0x7474747474747373
DATA secondC5<>+40(SB)/8, $0x7575757575757575
DATA secondC5<>+48(SB)/8, $0x7979777775757575
DATA secondC5<>+56(SB)/8, $0x737a7a7a7a7a7a79
GLOBL secondC5<>(SB), RODATA|NOPTR, $64

// And the first.
DATA firstC5<>+0(SB)/8, $0x0000000000000000
DATA firstC5<>+8(SB)/8, $0x0000000000000000
DATA firstC5<>+16(SB)/8, $0x000000006f6f0000
DATA firstC5<>+24(SB)/8, $0x0000000000000000
DATA firstC5<>+32(SB)/8, $0x0000000000000000
DATA firstC5<>+40(SB)/8, $0x0000000000000000
DATA firstC5<>+48(SB)/8, $0x0000000000000000
DATA firstC5<>+56(SB)/8, $0x0000000000000000
GLOBL firstC5<>(SB), RODATA|NOPTR, $64

// BYTE fills a register with one byte.
#define BYTE(VALUE, Z) \
	MOVL $VALUE, AX \
	VPBROADCASTB AX, Z

// LETTERS maps the bytes behind one first byte, of those of K6, and that one where it becomes the first of two letters, of those of
// K5, which one of them follows. K4 has it then, too.
#define LETTERS(LEAD, FIRST, SECOND, ONE, TWO) \
	VPCMPEQB LEAD, Z0, K5, K1 \
	VPERMB.Z FIRST, Z2, K1, ONE \
	KORQ K1, K4, K4 \
	VPCMPEQB LEAD, Z3, K6, K3 \
	VPERMB.Z SECOND, Z0, K3, TWO

// WRITE writes what the last vector became, and keeps those bytes of Z1 that K1 tells of to be written when the next one was read: a
// processor may hold back what it reads until it knows where all that comes before it is written, which here depends on how much was
// kept.
#define WRITE \
	VMOVDQU64 Z10, (DI) \
	ADDQ R12, DI \
	VPCOMPRESSB.Z Z1, K1, Z10 \
	KMOVQ K1, R12 \
	POPCNTQ R12, R12

// func fold512(to, from *byte, n int) (took, kept int)
//
// In registers: R9 the last place where 64 bytes are left, R11 the first one, Z10 and R12 what is not written yet.
TEXT ·fold512(SB), NOSPLIT, $0-40
	MOVQ to+0(FP), DI
	MOVQ from+8(FP), SI
	MOVQ n+16(FP), CX
	LEAQ -64(SI)(CX*1), R9
	MOVQ SI, R11
	VMOVDQU64 ascii<>+0(SB), Z31
	VMOVDQU64 ascii<>+64(SB), Z30
	VMOVDQU64 firstC2<>(SB), Z29
	VMOVDQU64 firstC3<>(SB), Z28
	VMOVDQU64 firstC4<>(SB), Z27
	VMOVDQU64 firstC5<>(SB), Z26
	VMOVDQU64 secondC2<>(SB), Z25
	VMOVDQU64 secondC3<>(SB), Z24
	VMOVDQU64 secondC4<>(SB), Z23
	VMOVDQU64 secondC5<>(SB), Z22
	BYTE(0xc2, Z21)
	BYTE(0xc3, Z20)
	BYTE(0xc4, Z19)
	BYTE(0xc5, Z18)
	BYTE(0xe2, Z17)
	BYTE(0x80, Z16)
	BYTE(0xc0, Z15)
	XORL R12, R12                // what is not written yet
	CMPQ SI, R9
	JHI done

	PCALIGN $64
next:
	VMOVDQU64 (SI), Z0
	VPMOVB2M Z0, K2
	VMOVDQA64 Z0, Z1
	KORTESTQ K2, K2
	JNZ wide
	VPERMI2B Z30, Z31, Z1
	VPTESTMB Z1, Z1, K1
	ADDQ $64, SI

write:
	WRITE
	CMPQ SI, R9
	JLS next

done:
	VMOVDQU64 Z10, (DI)
	ADDQ R12, DI
	VZEROUPPER
	SUBQ from+8(FP), SI
	MOVQ SI, took+24(FP)
	SUBQ to+0(FP), DI
	MOVQ DI, kept+32(FP)
	RET

	// U+00C0 to U+00FF, signs that become nothing, and E2 80, which becomes nothing, whatever follows.
wide:
	KNOTQ K2, K1
	VPERMI2B.Z Z30, Z31, K1, Z1
	VMOVDQU64 1(SI), Z2
	CMPQ SI, R11
	JEQ begins
	VMOVDQU64 -1(SI), Z3

behind:
	VPCMPB $1, Z15, Z0, K6       // following bytes
	VPCMPB $1, Z15, Z2, K5       // those that one follows
	VPCMPEQB Z17, Z0, K4
	VPCMPEQB Z16, Z2, K4, K4     // first bytes for which that will do
	LETTERS(Z20, Z28, Z24, Z6, Z7)
	VPTERNLOGD $0xfe, Z6, Z7, Z1
	VPMOVB2M Z2, K1
	KNOTQ K1, K1                 // of one that ASCII follows nothing becomes, whichever it is
	KORQ K1, K6, K1
	KORQ K1, K4, K4              // first bytes for which that will do, and others
	VPERMB Z25, Z2, Z4
	VPCMPEQB Z21, Z0, K5, K1
	VPTESTNMB Z4, Z4, K1, K1     // signs that become nothing
	KORQ K1, K4, K3
	KANDNQ K2, K3, K3            // for which that does not do
	KMOVQ K3, BX
	TESTQ BX, BX
	JNZ rarer

known:
	VPTESTMB Z1, Z1, K1

	// If the last byte begins a character, the next vector begins there.
	XORL R10, R10
	CMPB 63(SI), $0xc0
	SETCC R10
	ADDQ $64, SI
	SUBQ R10, SI
	MOVQ $-1, AX
	SHRXQ R10, AX, AX
	KMOVQ AX, K3
	KANDQ K3, K1, K1
	JMP write

	// The others up to U+017F.
rarer:
	LETTERS(Z21, Z29, Z25, Z4, Z5)
	LETTERS(Z19, Z27, Z23, Z8, Z9)
	LETTERS(Z18, Z26, Z22, Z11, Z12)
	VPTERNLOGD $0xfe, Z4, Z5, Z1
	VPTERNLOGD $0xfe, Z9, Z11, Z12
	VPTERNLOGD $0xfe, Z8, Z12, Z1
	KANDNQ K2, K4, K3
	KMOVQ K3, BX
	TESTQ BX, BX
	JZ known
	VPTESTMB Z1, Z1, K1
	JMP stop

begins:                          // behind no byte
	MOVQ $-2, AX
	KMOVQ AX, K3
	VMOVDQU8.Z -1(SI), K3, Z3
	JMP behind

stop:
	TZCNTQ BX, BX
	ADDQ BX, SI
	MOVQ $-1, AX
	BZHIQ BX, AX, AX
	KMOVQ AX, K3
	KANDQ K3, K1, K1
	WRITE
	JMP done
