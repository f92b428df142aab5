using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Wombat.Domain.Users;

/// <summary>Parses and validates OpenSSH public keys (RFC 4253, 5656, 8709; OpenSSH's PROTOCOL.u2f).</summary>
public sealed record SshPublicKey
{
    public const int LineMax = 16 * 1024;
    public const int CommentMax = 200;
    private const int RsaMinBits = 2048;
    private const int RsaMaxBits = 16 * 1024;
    private static readonly char[] Blanks = [' ', '\t'];

    private SshPublicKey(string type, byte[] blob, string comment)
    {
        Type = type;
        Comment = comment;
        Base64 = Convert.ToBase64String(blob);
        Fingerprint = "SHA256:" + Convert.ToBase64String(SHA256.HashData(blob)).TrimEnd('=');
    }

    public string Type { get; }

    public string Base64 { get; }

    public string Comment { get; }

    public string Fingerprint { get; }

    public override string ToString() => Comment.Length == 0 ? $"{Type} {Base64}" : $"{Type} {Base64} {Comment}";

    /// <summary>Parses the one-line format <c>type base64 comment</c>. The problem is a message for the user.</summary>
    public static SshPublicKey? Parse(string? line, out string problem)
    {
        var text = line?.Trim(' ', '\t', '\r', '\n') ?? "";
        problem =
            text.Length == 0 ? "is required"
            : text.Length > LineMax ? $"must have at most {LineMax} characters"
            : text.Contains("PRIVATE KEY", StringComparison.Ordinal) ? "is a private key; send the public key, the file that ends with .pub"
            : text.Any(c => char.IsControl(c) && c != '\t') ? "must be one line without control characters"
            : "";
        if (problem.Length > 0)
        {
            return null;
        }

        var parts = text.Split(Blanks, 3, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var blob = new byte[text.Length];
        if (parts.Length < 2 || !Convert.TryFromBase64String(parts[1], blob, out var length))
        {
            problem = "must be a public key in OpenSSH's one-line format: type, base64, comment";
            return null;
        }

        var bytes = blob[..length];
        problem = Examine(parts[0], bytes);
        var comment = parts.Length > 2 ? parts[2].Replace('\t', ' ') : "";
        if (problem.Length == 0 && comment.Length > CommentMax)
        {
            problem = $"has a comment of {comment.Length} characters; at most {CommentMax} are allowed";
        }

        return problem.Length > 0 ? null : new SshPublicKey(parts[0], bytes, comment);
    }

    /// <summary>Truncates the comment of a line to the allowed length.</summary>
    public static string CutComment(string line)
    {
        var parts = line.Split(Blanks, 3, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return parts is [var type, var key, { Length: > CommentMax } comment] ? $"{type} {key} {comment[..CommentMax].TrimEnd()}" : line;
    }

    private static string Examine(string type, byte[] blob)
    {
        var reader = new Fields(blob);
        if (!reader.TryRead(out var inner) || Encoding.ASCII.GetString(inner) != type)
        {
            return "has key data that does not match the type at the start of the line";
        }

        return type switch
        {
            "ssh-ed25519" => Ends(reader.TryRead(out var key) && key.Length == 32, reader),
            "sk-ssh-ed25519@openssh.com" => Ends(
                reader.TryRead(out var key) && key.Length == 32 && reader.TryRead(out var application) && application.Length > 0,
                reader
            ),
            "ecdsa-sha2-nistp256" => Ends(IsPoint(ref reader, "nistp256", 32), reader),
            "ecdsa-sha2-nistp384" => Ends(IsPoint(ref reader, "nistp384", 48), reader),
            "ecdsa-sha2-nistp521" => Ends(IsPoint(ref reader, "nistp521", 66), reader),
            "sk-ecdsa-sha2-nistp256@openssh.com" => Ends(
                IsPoint(ref reader, "nistp256", 32) && reader.TryRead(out var application) && application.Length > 0,
                reader
            ),
            "ssh-rsa" => ExamineRsa(ref reader),
            "ssh-dss" => "is a DSA key, which OpenSSH no longer supports; create a key with ssh-keygen -t ed25519",
            _ =>
                $"is of the type {(type.Length > 40 ? type[..40] : type)}, which is not supported; create a key with ssh-keygen -t ed25519",
        };
    }

    private static bool IsPoint(ref Fields reader, string curve, int size) =>
        reader.TryRead(out var name)
        && Encoding.ASCII.GetString(name) == curve
        && reader.TryRead(out var point)
        && point.Length == (2 * size) + 1
        && point[0] == 4;

    private static string ExamineRsa(ref Fields reader)
    {
        if (
            !reader.TryRead(out var exponent)
            || !reader.TryRead(out var modulus)
            || !reader.AtEnd
            || exponent.Length == 0
            || modulus.Length == 0
            || modulus[0] > 127
        )
        {
            return "is truncated or damaged";
        }

        var number = modulus.TrimStart((byte)0);
        var bits = number.Length == 0 ? 0 : ((number.Length - 1) * 8) + (8 - byte.LeadingZeroCount(number[0]));
        return bits < RsaMinBits ? $"is an RSA key of {bits} bits; at least {RsaMinBits} are required"
            : bits > RsaMaxBits ? $"is an RSA key of {bits} bits; at most {RsaMaxBits} are supported"
            : exponent.Length > 8 || (exponent[^1] & 1) == 0 || exponent is [0 or 1] ? "is an RSA key with an unsupported exponent"
            : "";
    }

    private static string Ends(bool fits, Fields reader) => fits && reader.AtEnd ? "" : "is truncated or damaged";

    // A sequence of fields, each a uint32 length and as many bytes.
    private ref struct Fields(ReadOnlySpan<byte> rest)
    {
        private ReadOnlySpan<byte> rest = rest;

        public readonly bool AtEnd => rest.IsEmpty;

        public bool TryRead(out ReadOnlySpan<byte> field)
        {
            field = default;
            if (rest.Length < 4 || BinaryPrimitives.ReadUInt32BigEndian(rest) is var length && length > rest.Length - 4)
            {
                return false;
            }

            field = rest.Slice(4, (int)length);
            rest = rest[(4 + (int)length)..];
            return true;
        }
    }
}
