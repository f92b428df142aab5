using System.Buffers.Binary;
using System.Text;
using Wombat.Domain.Users;

namespace Wombat.Domain.Tests.Users;

public sealed class SshPublicKeyTests
{
    private const string Ed25519 = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJX1IQyQ0GhHvS6a0pDr4bFvbZoVYPpG6W7yqn0mVbEr";

    [TestCase(Ed25519 + " ann@host")]
    [TestCase(Ed25519)]
    [TestCase("  " + Ed25519 + "\tann@host\n")]
    public void Parse_OfAPlainKey_ReturnsItsParts(string line) =>
        Assert.That(SshPublicKey.Parse(line, out _)?.Type, Is.EqualTo("ssh-ed25519"));

    [TestCase("ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIJX1IQyQ0GhHvS6a0pDr4bFvbZoVYPpG6W7yqn0mVbEr")]
    [TestCase("ssh-ed25519 not-base64")]
    [TestCase("ssh-ed25519")]
    [TestCase("")]
    [TestCase(null)]
    [TestCase("ssh-ed25519 AAAA\nssh-ed25519 BBBB")]
    [TestCase(Ed25519 + "\tann\n" + Ed25519)]
    [TestCase("command=\"rm\" " + Ed25519)]
    [TestCase("-----BEGIN OPENSSH PRIVATE KEY-----")]
    [TestCase("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAH5X1IQyQ0GhHvS6a0pDr4bFvbZoVYPpG6W7yqn0mVbEr")]
    public void Parse_WhenInvalid_NamesTheReason(string? line)
    {
        Assert.That(SshPublicKey.Parse(line, out var problem), Is.Null);
        Assert.That(problem, Is.Not.Empty);
    }

    [Test]
    public void Parse_OfASecurityKey_IsAccepted()
    {
        var point = new byte[65];
        point[0] = 4;
        Assert.That(SshPublicKey.Parse(Line("sk-ssh-ed25519@openssh.com", new byte[32], "ssh:"u8.ToArray()), out _), Is.Not.Null);
        Assert.That(
            SshPublicKey.Parse(Line("sk-ecdsa-sha2-nistp256@openssh.com", "nistp256"u8.ToArray(), point, "ssh:"u8.ToArray()), out _),
            Is.Not.Null
        );
        Assert.That(SshPublicKey.Parse(Line("sk-ssh-ed25519@openssh.com", new byte[32]), out _), Is.Null, "without its application");
    }

    [Test]
    public void Parse_WhenDataIsMalformed_IsRejected()
    {
        Assert.That(SshPublicKey.Parse(Line("ssh-ed25519", new byte[32], new byte[1]), out _), Is.Null);
        Assert.That(SshPublicKey.Parse(Line("ssh-ed25519", new byte[31]), out _), Is.Null);
        Assert.That(SshPublicKey.Parse(Line("ssh-dss", new byte[128]), out var problem), Is.Null);
        Assert.That(problem, Does.Contain("DSA"));
        Assert.That(SshPublicKey.Parse(Line("ssh-rsa", [1, 0, 1], [0xff, .. new byte[255]]), out _), Is.Null, "a negative modulus");
    }

    private static string Line(string type, params byte[][] fields)
    {
        var blob = new MemoryStream();
        foreach (var field in fields.Prepend(Encoding.ASCII.GetBytes(type)))
        {
            var length = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(length, field.Length);
            blob.Write(length);
            blob.Write(field);
        }

        return $"{type} {Convert.ToBase64String(blob.ToArray())}";
    }
}
