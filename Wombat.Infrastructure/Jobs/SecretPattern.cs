using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;

namespace Wombat.Infrastructure.Jobs;

/// <summary>One form in which a secret may appear.</summary>
/// <param name="bytes">The secret in this form.</param>
/// <param name="isPercentEncoded">Whether each byte may also be written as %XX, and a space as +.</param>
internal sealed class SecretPattern(byte[] bytes, bool isPercentEncoded)
{
    private const int MinBytes = 4;

    public byte[] FirstBytes => isPercentEncoded ? [bytes[0], (byte)'%', (byte)'+'] : [bytes[0]];

    /// <summary>Returns all forms of a secret; none if it is too short to be distinguished from other text.</summary>
    public static IEnumerable<SecretPattern> Of(string secret)
    {
        var whole = Encoding.UTF8.GetBytes(secret);
        var exact = secret
            .Split('\n', StringSplitOptions.TrimEntries)
            .Append(JavaScriptEncoder.Default.Encode(secret))
            .Append(JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(secret))
            .Select(Encoding.UTF8.GetBytes)
            .Concat(Base64(whole));
        return whole.Length < MinBytes
            ? []
            : exact
                .Where(b => b.Length >= MinBytes)
                .DistinctBy(Convert.ToHexString, StringComparer.Ordinal)
                .Select(b => new SecretPattern(b, isPercentEncoded: false))
                .Append(new SecretPattern(whole, isPercentEncoded: true));
    }

    /// <summary>Returns the length of the secret at the beginning of the text; 0 if it is not there.</summary>
    /// <param name="isBeginning">Whether the text ends within the secret.</param>
    public int Match(ReadOnlySpan<byte> text, out bool isBeginning)
    {
        isBeginning = false;
        var position = 0;
        foreach (var expected in bytes)
        {
            var size = position < text.Length ? SizeOf(expected, text[position..]) : -1;
            if (size <= 0)
            {
                isBeginning = size < 0;
                return 0;
            }

            position += size;
        }

        return position;
    }

    // In base64 a secret may begin at any of three offsets, and its first and last characters depend on the adjacent bytes, so these are
    // left out.
    private static IEnumerable<byte[]> Base64(byte[] secret)
    {
        for (var offset = 0; offset < 3; offset++)
        {
            var text = Convert.ToBase64String([.. new byte[offset], .. secret]);
            var begin = ((offset * 8) + 5) / 6;
            var inner = text[begin..((offset + secret.Length) * 8 / 6)];
            yield return Encoding.ASCII.GetBytes(inner);
            yield return Encoding.ASCII.GetBytes(inner.Replace('+', '-').Replace('/', '_'));
        }
    }

    /// <summary>
    /// Returns the number of bytes that represent the expected one; 0 if the text has another byte, -1 if the text ends too early to
    /// decide.
    /// </summary>
    private int SizeOf(byte expected, ReadOnlySpan<byte> text)
    {
        if (isPercentEncoded && text[0] == '%')
        {
            Span<byte> encoded = stackalloc byte[3];
            encoded[0] = (byte)'%';
            expected.TryFormat(encoded[1..], out _, "X2", CultureInfo.InvariantCulture);
            return text.Length < 3 ? (Ascii.EqualsIgnoreCase(text, encoded[..text.Length]) ? -1 : 0)
                : Ascii.EqualsIgnoreCase(text[..3], encoded) ? 3
                : 0;
        }

        return text[0] == expected || (isPercentEncoded && expected == ' ' && text[0] == '+') ? 1 : 0;
    }
}
