using System.Text;
using Wombat.Domain.Directories;

namespace Wombat.Domain.Tests.Directories;

/// <summary>Distinguished names are compared by value, not by spelling.</summary>
public sealed class DistinguishedNameTests
{
    private static readonly string[][] Types =
    [
        ["cn", "CN", "commonName", "2.5.4.3", "OID.2.5.4.3"],
        ["ou", "OU", "organizationalUnitName", "2.5.4.11"],
        ["dc", "DC", "domainComponent", "0.9.2342.19200300.100.1.25"],
        ["uid", "UserID"],
    ];
    private static readonly string[] Letters = ["a", "Z", "7", " ", ",", "+", "=", "\"", "\\", "<", ">", ";", "#", "é", "ж", "😀", "-"];

    [TestCase("cn=ops\\, night,ou=groups,dc=x", "cn=ops\\2C night,ou=groups,dc=x")]
    [TestCase("CN=Ops , OU = Groups,DC=x", "cn=ops,ou=groups,dc=x")]
    [TestCase("cn=\"ops, night\",dc=x", "cn=ops\\2c night;dc=x")]
    [TestCase("cn=#0C0A6F70732C206E69676874,dc=x", "2.5.4.3=ops\\, night,dc=x")]
    [TestCase("cn=Caf\\C3\\A9,dc=x", "cn=café,dc=x")]
    [TestCase("ou=b+cn=a,dc=x", "cn=a + ou=b,dc=x")]
    [TestCase("cn=\\ two  blanks\\ ,dc=x", "cn=two blanks,dc=x")]
    public void Normalize_OfTwoSpellings_IsEqual(string one, string other) =>
        Assert.That(DistinguishedName.Normalize(one), Is.EqualTo(DistinguishedName.Normalize(other)));

    [TestCase("cn=a,dc=x", "cn=a\\,dc\\=x")]
    [TestCase("cn=a+ou=b,dc=x", "cn=a,ou=b,dc=x")]
    [TestCase("cn=a,dc=x", "ou=a,dc=x")]
    [TestCase("cn=ab,dc=x", "cn=a b,dc=x")]
    [TestCase("cn=#0C0161,dc=x", "cn=\\#0C0161,dc=x")]
    public void Normalize_OfDifferentNames_Differs(string one, string other) =>
        Assert.That(DistinguishedName.Normalize(one), Is.Not.EqualTo(DistinguishedName.Normalize(other)));

    [TestCase("admins")]
    [TestCase("ops, night")]
    [TestCase("cn=a,")]
    [TestCase("cn=a\\")]
    [TestCase("cn=\"a")]
    [TestCase("cn=#0C0")]
    [TestCase("=a")]
    [TestCase("c n=a")]
    public void Normalize_OfNoDistinguishedName_ReturnsTheText(string text) =>
        Assert.That((DistinguishedName.TryParse(text, out _), DistinguishedName.Normalize(text)), Is.EqualTo((false, text)));

    [TestCase("cn=a,ou=groups,dc=x", true)]
    [TestCase("ou=groups,dc=x", true)]
    [TestCase("cn=a\\,ou\\=groups,dc=x", false)]
    [TestCase("cn=a,dc=x", false)]
    public void IsWithin_ForABase_IsTrueAtOrBelowIt(string name, bool within) =>
        Assert.That(DistinguishedName.IsWithin(DistinguishedName.Normalize(name), "ou=groups,dc=x"), Is.EqualTo(within));

    [Test]
    public void Normalize_OfRandomSpellings_IsEqualForEqualNamesOnly()
    {
        var random = new Random(20261126);
        for (var i = 0; i < 5000; i++)
        {
            var name = Enumerable
                .Range(0, random.Next(1, 5))
                .Select(_ =>
                    Enumerable.Range(0, random.Next(1, 3)).Select(_ => (Type: random.Next(Types.Length), Value: Value(random))).ToArray()
                )
                .ToArray();
            var (one, other) = (Spell(name, random), Spell(name, random));
            Assert.That(DistinguishedName.TryParse(one, out _), Is.True, one);
            Assert.That(DistinguishedName.Normalize(one), Is.EqualTo(DistinguishedName.Normalize(other)), $"{one} | {other}");

            var (r, p) = (random.Next(name.Length), 0);
            name[r][p].Value += "x";
            Assert.That(DistinguishedName.Normalize(Spell(name, random)), Is.Not.EqualTo(DistinguishedName.Normalize(one)), one);
        }
    }

    private static string Value(Random random) =>
        string.Concat(Enumerable.Range(0, random.Next(1, 8)).Select(_ => Letters[random.Next(Letters.Length)])) + "v";

    private static string Spell((int Type, string Value)[][] name, Random random)
    {
        var result = new StringBuilder();
        for (var i = 0; i < name.Length; i++)
        {
            result
                .Append(i == 0 ? "" : Blanks(random))
                .Append(
                    i == 0 ? ""
                    : random.Next(2) == 0 ? ","
                    : ";"
                )
                .Append(Blanks(random));
            var pairs = name[i]
                .OrderBy(_ => random.Next())
                .Select(p =>
                    Types[p.Type][random.Next(Types[p.Type].Length)] + Blanks(random) + "=" + Blanks(random) + SpellValue(p.Value, random)
                );
            result.AppendJoin($"{Blanks(random)}+{Blanks(random)}", pairs);
        }

        return result.ToString();
    }

    private static string SpellValue(string value, Random random)
    {
        var cased = random.Next(2) == 0 ? value : value.ToUpperInvariant();
        switch (random.Next(4))
        {
            case 0:
                var bytes = Encoding.UTF8.GetBytes(cased);
                return "#" + Convert.ToHexString([0x0C, (byte)bytes.Length, .. bytes]);
            case 1:
                return "\"" + cased.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";
        }

        var result = new StringBuilder();
        var first = true;
        foreach (var rune in cased.EnumerateRunes())
        {
            var isSpecial =
                rune.Value < 128 && ",+=\"\\<>;#".Contains((char)rune.Value, StringComparison.Ordinal) || rune.Value == ' ' && first;
            _ =
                random.Next(3) == 0 ? result.Append(string.Concat(Encoding.UTF8.GetBytes(rune.ToString()).Select(b => $"\\{b:x2}")))
                : isSpecial ? result.Append('\\').Append(rune.ToString())
                : result.Append(rune.ToString());
            first = false;
        }

        return result.ToString();
    }

    private static string Blanks(Random random) => new(' ', random.Next(3));
}
