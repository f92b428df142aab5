using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Wombat.Domain.Directories;

/// <summary>
/// The path of an LDAP entry, compared by value. Reads RFC 4514 and what servers also write: spaces around separators, ';' for ',',
/// quoted values, values as the hexadecimal BER of a string.
/// </summary>
public static class DistinguishedName
{
    private const string Special = ",+=\\;\"#<>";

    // Of RFC 4519 and PKCS #9: one attribute has up to three names.
    private static readonly Dictionary<string, string> ShortTypes = new(StringComparer.Ordinal)
    {
        ["2.5.4.3"] = "cn",
        ["commonname"] = "cn",
        ["2.5.4.4"] = "sn",
        ["surname"] = "sn",
        ["2.5.4.6"] = "c",
        ["countryname"] = "c",
        ["2.5.4.7"] = "l",
        ["localityname"] = "l",
        ["2.5.4.8"] = "st",
        ["stateorprovincename"] = "st",
        ["2.5.4.9"] = "street",
        ["streetaddress"] = "street",
        ["2.5.4.10"] = "o",
        ["organizationname"] = "o",
        ["2.5.4.11"] = "ou",
        ["organizationalunitname"] = "ou",
        ["0.9.2342.19200300.100.1.25"] = "dc",
        ["domaincomponent"] = "dc",
        ["0.9.2342.19200300.100.1.1"] = "uid",
        ["userid"] = "uid",
        ["1.2.840.113549.1.9.1"] = "email",
        ["emailaddress"] = "email",
    };

    /// <summary>The one spelling of a distinguished name that is compared; of what is none, the text as it is.</summary>
    public static string Normalize(string name) => TryParse(name, out var parts) ? string.Join(',', parts) : name.Trim();

    /// <summary>Whether a normalized name is the base, or of an entry below it.</summary>
    public static bool IsWithin(string name, string normalizedBase) =>
        normalizedBase.Length == 0 || name == normalizedBase || name.EndsWith("," + normalizedBase, StringComparison.Ordinal);

    /// <summary>The relative distinguished names in their one spelling, the entry's own first.</summary>
    public static bool TryParse(string name, [NotNullWhen(true)] out IReadOnlyList<string>? parts)
    {
        var reader = new Reader(name);
        var found = new List<string>();
        parts = null;
        while (!reader.IsAtEnd)
        {
            var pairs = new List<string>();
            char separator;
            do
            {
                if (reader.ReadType() is not { } type || reader.ReadValue() is not { } value)
                {
                    return false;
                }

                pairs.Add($"{ShortTypes.GetValueOrDefault(type, type)}={Escape(value)}");
                separator = reader.ReadSeparator();
            } while (separator == '+');

            // A comma at the end promises one more.
            if (separator == '\0' ? !reader.IsAtEnd : reader.IsAtEnd)
            {
                return false;
            }

            found.Add(string.Join('+', pairs.Order(StringComparer.Ordinal)));
        }

        parts = found;
        return true;
    }

    private static string Escape(string value)
    {
        var result = new StringBuilder(value.Length);
        foreach (var c in value)
        {
            _ = Special.Contains(c, StringComparison.Ordinal) ? result.Append('\\').Append(c) : result.Append(c);
        }

        return result.ToString();
    }

    // As caseIgnoreMatch (RFC 4518): case and the number of blanks do not count. Unicode's compositions do, as .NET knows none
    // without ICU; servers give back what was written.
    private static string Fold(string value) =>
        string.Join(' ', value.ToLowerInvariant().Split([' '], StringSplitOptions.RemoveEmptyEntries));

    private static string Text(byte[] bytes)
    {
        try
        {
            return Fold(new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(bytes));
        }
        catch (ArgumentException)
        {
            return "#" + Convert.ToHexStringLower(bytes);
        }
    }

    // A string of at most 127 or 65535 bytes: tag, length, contents.
    private static string OfBer(byte[] ber)
    {
        var (start, length) = ber switch
        {
            [_, < 0x80, ..] => (2, (int)ber[1]),
            [_, 0x81, _, ..] => (3, ber[2]),
            [_, 0x82, _, _, ..] => (4, BinaryPrimitives.ReadUInt16BigEndian(ber.AsSpan(2))),
            _ => (0, -1),
        };
        return start == 0 || start + length != ber.Length
            ? "#" + Convert.ToHexStringLower(ber)
            : ber[0] switch
            {
                0x04 or 0x0C or 0x13 or 0x16 => Text(ber[start..]),
                0x1E => Fold(Encoding.BigEndianUnicode.GetString(ber, start, length)),
                _ => "#" + Convert.ToHexStringLower(ber),
            };
    }

    private struct Reader(string text)
    {
        private int at = SkipBlanks(text, 0);

        public readonly bool IsAtEnd => at >= text.Length;

        public string? ReadType()
        {
            var end = text.IndexOf('=', at);
            if (end < 0)
            {
                return null;
            }

            var type = text[at..end].Trim().ToLowerInvariant();
            at = SkipBlanks(text, end + 1);
            type = type.StartsWith("oid.", StringComparison.Ordinal) ? type[4..] : type;
            return type.Length > 0 && type.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.') ? type : null;
        }

        public string? ReadValue() =>
            IsAtEnd
                ? ""
                : text[at] switch
                {
                    '#' => ReadBer(),
                    '"' => ReadQuoted(),
                    _ => ReadPlain(),
                };

        /// <summary>The separator after a value, a plus sign or a comma; NUL where there is none.</summary>
        public char ReadSeparator()
        {
            at = SkipBlanks(text, at);
            if (IsAtEnd || text[at] is not (',' or ';' or '+'))
            {
                return '\0';
            }

            var separator = text[at] == '+' ? '+' : ',';
            at = SkipBlanks(text, at + 1);
            return separator;
        }

        private string? ReadBer()
        {
            var start = ++at;
            while (!IsAtEnd && char.IsAsciiHexDigit(text[at]))
            {
                at++;
            }

            return at > start && (at - start) % 2 == 0 ? OfBer(Convert.FromHexString(text.AsSpan(start, at - start))) : null;
        }

        private string? ReadQuoted()
        {
            var bytes = new List<byte>();
            for (at++; !IsAtEnd && text[at] != '"'; )
            {
                if (!ReadUnit(bytes))
                {
                    return null;
                }
            }

            return !IsAtEnd && text[at++] == '"' ? Text([.. bytes]) : null;
        }

        private string? ReadPlain()
        {
            var bytes = new List<byte>();
            while (!IsAtEnd && text[at] is not (',' or ';' or '+'))
            {
                if (text[at] == '"' || !ReadUnit(bytes))
                {
                    return null;
                }
            }

            return Text([.. bytes]);
        }

        // One character, plain or escaped, as UTF-8, or one escaped byte.
        private bool ReadUnit(List<byte> bytes)
        {
            if (text[at] == '\\')
            {
                at++;
                if (at + 1 < text.Length && char.IsAsciiHexDigit(text[at]) && char.IsAsciiHexDigit(text[at + 1]))
                {
                    bytes.Add(Convert.ToByte(text.Substring(at, 2), 16));
                    at += 2;
                    return true;
                }
            }

            if (IsAtEnd || !Rune.TryGetRuneAt(text, at, out var rune))
            {
                return false;
            }

            bytes.AddRange(Encoding.UTF8.GetBytes(rune.ToString()));
            at += rune.Utf16SequenceLength;
            return true;
        }

        private static int SkipBlanks(string text, int from)
        {
            while (from < text.Length && text[from] == ' ')
            {
                from++;
            }

            return from;
        }
    }
}
