using Wombat.Application.Common;

namespace Wombat.Application.Tests.Common;

public sealed class PageTests
{
    [Test]
    public void Cut_WhenOneMoreThanTheLimitWasRead_HasANextPage()
    {
        var page = Page.Cut([1, 2, 3], new PageRequest(2), i => new Cursor("s", i.ToString(), Guid.Empty));
        Assert.That(page.Items, Is.EqualTo(new[] { 1, 2 }));
        Assert.That(Cursor.Decode(page.NextCursor, "s")!.Key, Is.EqualTo("2"));
    }

    [Test]
    public void Cut_WhenNoMoreWereRead_IsTheLastPage() =>
        Assert.That(Page.Cut([1, 2], new PageRequest(2), _ => new Cursor("s", "", Guid.Empty)).NextCursor, Is.Null);
}
