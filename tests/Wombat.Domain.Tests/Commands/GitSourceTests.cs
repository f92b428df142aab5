using Wombat.Domain.Commands;

namespace Wombat.Domain.Tests.Commands;

public sealed class GitSourceTests
{
    [TestCase("https://git.example.org/team/site.git")]
    [TestCase("https://[::1]:8443/~ann/site%20a")]
    [TestCase("/srv/git/site.git")]
    [TestCase("file:///srv/git/site.git")]
    public void Repository_IsAccepted(string text) => Assert.That(GitSource.FindRepositoryProblem(text), Is.Null);

    [TestCase("http://git.example.org/site.git")]
    [TestCase("ssh://git@git.example.org/site.git")]
    [TestCase("git@git.example.org:site.git")]
    [TestCase("git://git.example.org/site.git")]
    [TestCase("ext::sh -c touch% /tmp/x")]
    [TestCase("https::ext::sh -c x")]
    [TestCase("--upload-pack=touch /tmp/x")]
    [TestCase("-c")]
    [TestCase("https://-oProxyCommand=x/y")]
    [TestCase("https://git.example.org/a b")]
    [TestCase("https://git.example.org/a\n")]
    [TestCase("https://git.example.org/../a")]
    [TestCase("https:///site.git")]
    [TestCase("file://host/srv/git")]
    [TestCase("/srv/git/../../etc")]
    [TestCase("relative/site.git")]
    [TestCase("")]
    public void Repository_IsRefused(string text) => Assert.That(GitSource.FindRepositoryProblem(text), Does.Contain("https address"));

    [TestCase("file:///srv/git/%2e%2e/%2e%2e/home/x")]
    [TestCase("file:///srv/git/a%20b")]
    public void Repository_OfAnEncodedFileUrl_IsRefused(string text) =>
        Assert.That(GitSource.FindRepositoryProblem(text), Does.Contain("%"));

    [TestCase("https://ann:secret@git.example.org/site.git")]
    [TestCase("https://token@git.example.org/site.git")]
    public void Repository_WithCredentials_IsRefused(string text) =>
        Assert.That(GitSource.FindRepositoryProblem(text), Does.Contain("token").And.Not.Contain("secret"));

    [TestCase("main")]
    [TestCase("feature/x-1")]
    [TestCase("v1.2+rc@3#4")]
    [TestCase("größe")]
    [TestCase("refs/pull/1/head")]
    public void Reference_IsAccepted(string text) => Assert.That(GitSource.FindReferenceProblem(text), Is.Null);

    [TestCase("--upload-pack=touch /tmp/x")]
    [TestCase("-c")]
    [TestCase("a b")]
    [TestCase("main~1")]
    [TestCase("main^{commit}")]
    [TestCase("a:b")]
    [TestCase("*")]
    [TestCase("a..b")]
    [TestCase("a//b")]
    [TestCase("@{upstream}")]
    [TestCase("/main")]
    [TestCase("main/")]
    [TestCase("main\n")]
    [TestCase("")]
    [TestCase("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public void Reference_IsRefused(string text) => Assert.That(GitSource.FindReferenceProblem(text), Is.Not.Null);

    [TestCase("sub/dir", true)]
    [TestCase("-dash", true)]
    [TestCase("../..", false)]
    [TestCase("a/../b", false)]
    [TestCase("/etc", false)]
    public void Directory_IsAcceptedInTheRepositoryOnly(string text, bool isAccepted) =>
        Assert.That(GitSource.FindDirectoryProblem(text) is null, Is.EqualTo(isAccepted));

    [Test]
    public void FixedCommit_IsAFullNameOnly()
    {
        var source = new GitSource { Repository = "/srv/site" };
        var commit = new string('a', 40);
        Assert.That((source with { Reference = commit }).FixedCommit, Is.EqualTo(commit));
        Assert.That((source with { Reference = commit[1..] }).FixedCommit, Is.Null);
        Assert.That((source with { Reference = "main", Commit = commit }).FixedCommit, Is.EqualTo(commit));
    }
}
