using Wombat.Application.Common;
using Wombat.Application.Containers;

namespace Wombat.Application.Tests;

public sealed class PageTests
{
    [Test]
    public void Cut_WithOneMoreThanAsked_HasANextPage()
    {
        var page = Page.Cut([1, 2, 3], new PageRequest(2), i => new Cursor("s", i.ToString(), Guid.Empty));
        Assert.That(page.Items, Is.EqualTo(new[] { 1, 2 }));
        Assert.That(Cursor.Decode(page.NextCursor, "s")!.Key, Is.EqualTo("2"));
    }

    [Test]
    public void Cut_WithNoMore_IsTheLastPage() => Assert.That(Page.Cut([1, 2], new PageRequest(2), _ => new Cursor("s", "", Guid.Empty)).NextCursor, Is.Null);

    [TestCase("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJX1IQyQ0GhHvS6a0pDr4bFvbZoVYPpG6W7yqn0mVbEr ann@host", true)]
    [TestCase("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJX1IQyQ0GhHvS6a0pDr4bFvbZoVYPpG6W7yqn0mVbEr", true)]
    [TestCase("ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIJX1IQyQ0GhHvS6a0pDr4bFvbZoVYPpG6W7yqn0mVbEr", false)]
    [TestCase("ssh-ed25519 not-base64", false)]
    [TestCase("ssh-ed25519", false)]
    [TestCase("", false)]
    [TestCase("ssh-ed25519 AAAA\nssh-ed25519 BBBB", false)]
    [TestCase("command=\"rm\" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJX1IQyQ0GhHvS6a0pDr4bFvbZoVYPpG6W7yqn0mVbEr", false)]
    public void SshPublicKey_LooksRight_OnlyForAWholePlainKey(string line, bool right) => Assert.That(SshPublicKey.LooksRight(line), Is.EqualTo(right));
}
