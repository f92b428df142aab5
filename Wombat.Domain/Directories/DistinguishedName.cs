using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Wombat.Domain.Directories;

/// <summary>
/// Parses and normalizes the distinguished name of an LDAP entry, so that names can be compared. Accepts RFC 4514 and what servers
/// also write: spaces around separators, ';' for ',', quoted values, and values as the hexadecimal BER of a string.
/// </summary>
public static class DistinguishedName
{
    private const string Special = ",+=\\;\"#<>";

    // From RFC 4519 and PKCS #9: an attribute has up to three names.
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

    /// <summary>The normalized form of a distinguished name; the trimmed text if it is not a distinguished name.</summary>
    public static string Normalize(string name) => TryParse(name, out var parts) ? string.Join(',', parts) : name.Trim();

    /// <summary>Whether a normalized name is the base or lies below it.</summary>
    public static bool IsWithin(string name, string normalizedBase) =>
        normalizedBase.Length == 0 || name == normalizedBase || name.EndsWith("," + normalizedBase, StringComparison.Ordinal);

    /// <summary>Splits a name into its normalized relative distinguished names, the entry's own first.</summary>
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

            // A name must not end with a comma.
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

    // caseIgnoreMatch (RFC 4518): ignores case and repeated spaces. Unicode normalization is left out, because .NET needs ICU for it
    // and servers return the name as it was written.
    private static string Fold(string value) =>
        string.Join(' ', value.ToLowerInvariant().Split([' '], StringSplitOptions.RemoveEmptyEntries));

    private static string DecodeText(byte[] bytes)
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

    // Decodes a BER string with a length of one to three bytes: tag, length, contents.
    private static string DecodeBer(byte[] ber)
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
                0x04 or 0x0C or 0x13 or 0x16 => DecodeText(ber[start..]),
                0x1E => Fold(Encoding.BigEndianUnicode.GetString(ber, start, length)),
                _ => "#" + Convert.ToHexStringLower(ber),
            };
    }

    private struct Reader(string text)
    {
        private int position = SkipBlanks(text, 0);

        public readonly bool IsAtEnd => position >= text.Length;

        public string? ReadType()
        {
            var end = text.IndexOf('=', position);
            if (end < 0)
            {
                return null;
            }

            var type = text[position..end].Trim().ToLowerInvariant();
            position = SkipBlanks(text, end + 1);
            type = type.StartsWith("oid.", StringComparison.Ordinal) ? type[4..] : type;
            return type.Length > 0 && type.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.') ? type : null;
        }

        public string? ReadValue() =>
            IsAtEnd
                ? ""
                : text[position] switch
                {
                    '#' => ReadBer(),
                    '"' => ReadQuoted(),
                    _ => ReadPlain(),
                };

        /// <summary>Reads the separator after a value: a plus sign or a comma; NUL if there is none.</summary>
        public char ReadSeparator()
        {
            position = SkipBlanks(text, position);
            if (IsAtEnd || text[position] is not (',' or ';' or '+'))
            {
                return '\0';
            }

            var separator = text[position] == '+' ? '+' : ',';
            position = SkipBlanks(text, position + 1);
            return separator;
        }

        private string? ReadBer()
        {
            var start = ++position;
            while (!IsAtEnd && char.IsAsciiHexDigit(text[position]))
            {
                position++;
            }

            return position > start && (position - start) % 2 == 0
                ? DecodeBer(Convert.FromHexString(text.AsSpan(start, position - start)))
                : null;
        }

        private string? ReadQuoted()
        {
            var bytes = new List<byte>();
            for (position++; !IsAtEnd && text[position] != '"'; )
            {
                if (!ReadUnit(bytes))
                {
                    return null;
                }
            }

            return !IsAtEnd && text[position++] == '"' ? DecodeText([.. bytes]) : null;
        }

        private string? ReadPlain()
        {
            var bytes = new List<byte>();
            while (!IsAtEnd && text[position] is not (',' or ';' or '+'))
            {
                if (text[position] == '"' || !ReadUnit(bytes))
                {
                    return null;
                }
            }

            return DecodeText([.. bytes]);
        }

        // Reads one character, plain or escaped, as UTF-8, or one escaped byte.
        private bool ReadUnit(List<byte> bytes)
        {
            if (text[position] == '\\')
            {
                position++;
                if (position + 1 < text.Length && char.IsAsciiHexDigit(text[position]) && char.IsAsciiHexDigit(text[position + 1]))
                {
                    bytes.Add(Convert.ToByte(text.Substring(position, 2), 16));
                    position += 2;
                    return true;
                }
            }

            if (IsAtEnd || !Rune.TryGetRuneAt(text, position, out var rune))
            {
                return false;
            }

            bytes.AddRange(Encoding.UTF8.GetBytes(rune.ToString()));
            position += rune.Utf16SequenceLength;
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
