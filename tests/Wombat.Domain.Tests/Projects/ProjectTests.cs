using Wombat.Domain.Common;
using Wombat.Domain.Projects;

namespace Wombat.Domain.Tests.Projects;

public sealed class ProjectTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
    private static readonly ProjectDetails Details = new("", Active: true, Visibility.Private, ["b", "a", "b"]);

    [TestCase("abc", true)]
    [TestCase("a1-b2-c3", true)]
    [TestCase("1ab", false)]
    [TestCase("a--b", false)]
    [TestCase("ab-", false)]
    [TestCase("aB", false)]
    [TestCase("a_b", false)]
    [TestCase("abc\n", false)]
    public void UnixNameRegex_ForAnyText_MatchesValidNamesOnly(string name, bool fits) =>
        Assert.That(Project.UnixNameRegex().IsMatch(name), Is.EqualTo(fits));

    [Test]
    public void Create_WithDuplicateTags_SortsAndDeduplicatesThem()
    {
        var project = Project.Create("Name", "name", Details, Now);
        Assert.Multiple(() =>
        {
            Assert.That(project.Tags, Is.EqualTo(new[] { "a", "b" }));
            Assert.That(project.Version, Is.EqualTo(1));
            Assert.That(project.Id.Version, Is.EqualTo(7));
        });
    }

    [Test]
    public void Update_WhenCalled_IncrementsTheVersion()
    {
        var project = Project.Create("Name", "name", Details, Now);
        project.Update("Other", Details, Now.AddSeconds(1));
        Assert.Multiple(() =>
        {
            Assert.That(project.Version, Is.EqualTo(2));
            Assert.That(project.UpdatedAt, Is.EqualTo(Now.AddSeconds(1)));
        });
    }

    [Test]
    public void EnsureAcceptsResources_WhileDeleting_IsAConflict()
    {
        var project = Project.Create("Name", "name", Details, Now);
        project.BeginDelete(Now);
        Assert.That(project.EnsureAcceptsResources, Throws.TypeOf<ConflictException>().With.Property("Code").EqualTo("project_deleting"));
        project.AbandonDelete(Now);
        Assert.That(project.EnsureAcceptsResources, Throws.Nothing);
    }
}
