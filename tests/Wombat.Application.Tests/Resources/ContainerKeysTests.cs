using System.Security.Cryptography;
using System.Text;
using Wombat.Application.Containers;
using Wombat.Domain.Users;

namespace Wombat.Application.Tests.Resources;

public sealed class ContainerKeysTests
{
    [Test]
    public void Of_WhenKeysExceedTheLimit_LeavesOutThoseOfTheOwnerWithMost()
    {
        var (greedy, modest) = (Guid.NewGuid(), Guid.NewGuid());
        var many = Enumerable.Range(0, 3000).Select(i => Key(greedy, $"greedy-{i}", new string('c', SshPublicKey.CommentMax)));
        var keys = ContainerKeys.Of([.. many, Key(modest, "modest-1"), Key(modest, "modest-2")]);
        Assert.That(keys.Keys.Count(k => k.OwnerId == modest), Is.EqualTo(2));
        Assert.That(keys.LeftOut.Select(k => k.OwnerId).Distinct(), Is.EqualTo(new[] { greedy }));
        Assert.That(keys.Lines.Sum(l => l.Length + 1), Is.LessThanOrEqualTo(ContainerKeys.BytesMax));
    }

    [Test]
    public void Digest_ForAnyOrderAndComments_IsThatOfTheSet()
    {
        var owner = Guid.NewGuid();
        var (one, two) = (Key(owner, "one", "a"), Key(owner, "two"));
        Assert.That(ContainerKeys.Of([one, two]).Digest, Is.EqualTo(ContainerKeys.Of([two, Key(Guid.NewGuid(), "one", "b"), one]).Digest));
        Assert.That(ContainerKeys.Of([one]).Digest, Is.Not.EqualTo(ContainerKeys.Of([two]).Digest));
        Assert.That(ContainerKeys.Of([one, one]).Keys, Has.Count.EqualTo(1));
    }

    private static ContainerKey Key(Guid owner, string seed, string comment = "")
    {
        byte[] blob = [0, 0, 0, 11, .. "ssh-ed25519"u8, 0, 0, 0, 32, .. SHA256.HashData(Encoding.UTF8.GetBytes(seed))];
        return new ContainerKey(
            owner,
            ContainerKey.OfMember,
            SshPublicKey.Parse($"ssh-ed25519 {Convert.ToBase64String(blob)} {comment}", out _)!
        );
    }
}
