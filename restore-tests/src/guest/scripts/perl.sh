# needs: perl
exec perl - <<'END'
use strict; use warnings; $| = 1;
my %h = map { $_ => $_ ** 2 } 1 .. 100;
my $pid = open(my $out, "|-", "cat") // die; select((select($out), $| = 1)[0]); print $out "before\n";
system("middle") == 0 or die;
print $out "after\n"; close $out;
my $sum = 0; $sum += $_ for values %h; print "$sum\n";
my @l = sort { $b <=> $a } map { ($_ * 7919) % 1009 } 1 .. 1000; print "@l[0..4]\n";
print join(",", "a1b22c333" =~ /(\d+)/g), "\n";
pipe(my $r, my $w); if (fork == 0) { close $r; print $w "child $_\n" for 1 .. 3; exit 6 } close $w; print while <$r>; wait; print $? >> 8, "\n";
local $SIG{ALRM} = sub { die "alarm\n" }; eval { alarm 1; select(undef, undef, undef, 10); }; print $@;
local $SIG{USR1} = sub { print "usr1\n" }; kill USR1 => $$;
print `echo backtick`; printf "%s\n", join " ", sort { $a <=> $b } map { ord } split //, "perl";
open my $f, "+>", "file" or die; print $f "one\ntwo\n"; seek $f, 0, 0; my @lines = <$f>; print scalar(@lines), -s "file", "\n";
opendir my $d, "." or die; print join(" ", sort grep { !/^\./ } readdir $d), "\n";
use Socket; socketpair(my $a, my $b, AF_UNIX, SOCK_STREAM, 0) or die; syswrite $a, "socket\n"; sysread $b, my $x, 100; print $x;
local $_ = "x" x 1_000_000; print length, " ", tr/x//, "\n"; print eval "2 + 3 * 4", "\n"; exit 13;
END
