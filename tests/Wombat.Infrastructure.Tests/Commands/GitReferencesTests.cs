using Wombat.Infrastructure.Commands;

namespace Wombat.Infrastructure.Tests.Commands;

public sealed class GitReferencesTests
{
    private const string Listed = """
        1	HEAD
        2	refs/a/refs/heads/main
        3	refs/heads/main
        4	refs/heads/x/main
        5	refs/remotes/origin/HEAD
        6	refs/tags/main
        7	refs/tags/v1
        8	refs/tags/v1^{}
        9	refs/x/refs/tags/v2
        """;

    [TestCase(null, "1")]
    [TestCase("main", "3")]
    [TestCase("x/main", "4")]
    [TestCase("v1", "8")]
    [TestCase("v2", null)]
    [TestCase("refs/tags/main", "6")]
    [TestCase("refs/tags/v1", "8")]
    [TestCase("refs/heads/v1", null)]
    public void Commit_IsThatOfTheExactReference(string? reference, string? commit) =>
        Assert.That(GitReferences.FindCommit(Listed, GitReferences.NamesOf(reference)), Is.EqualTo(commit));
}
