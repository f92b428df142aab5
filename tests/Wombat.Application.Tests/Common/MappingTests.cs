using AutoMapper;
using AutoMapper.Internal;
using Wombat.Application.Common;
using Wombat.Domain.Common;

namespace Wombat.Application.Tests.Common;

public sealed class MappingTests
{
    [Test]
    public void Mappings_ForEveryDto_CoverEveryField() => ApplicationServices.MapperConfiguration().AssertConfigurationIsValid();

    [Test]
    public void Map_WhenTheGraphIsDeep_EndsAtTheLimit()
    {
        var deep = new Node(null);
        for (var i = 0; i < 60_000; i++)
        {
            deep = new Node(deep);
        }

        var mapper = new MapperConfiguration(c =>
        {
            c.CreateMap<Node, NodeDto>();
            ApplicationServices.LimitDepth(c);
        }).CreateMapper();
        var depth = 0;
        for (var node = mapper.Map<NodeDto>(deep); node is not null; node = node.Next)
        {
            depth++;
        }

        Assert.That(depth, Is.EqualTo(ApplicationServices.MaxMappingDepth));
    }

    [Test]
    public void Maps_OfTheApplication_AllHaveTheLimit()
    {
        // AutoMapper configures no map that is one conversion of a value.
        var maps = ApplicationServices.MapperConfiguration().Internal().GetAllTypeMaps().Where(m => !m.HasTypeConverter);
        Assert.That(maps, Is.Not.Empty.And.All.Property(nameof(TypeMap.MaxDepth)).EqualTo(ApplicationServices.MaxMappingDepth));
    }

    [TestCase("Details.Tags[0]", "tags[0]")]
    [TestCase("Page.Limit", "limit")]
    [TestCase("UnixName", "unix_name")]
    [TestCase("SshKeys[3]", "ssh_keys[3]")]
    public void OfPath_ForAProperty_IsItsJsonName(string path, string field) => Assert.That(FieldNames.OfPath(path), Is.EqualTo(field));

    [Test]
    public void Decode_OfAnEncodedCursor_IsEqual()
    {
        var cursor = new Cursor("-name", "Ünï \"code\"", Guid.NewGuid());
        Assert.That(Cursor.Decode(cursor.Encode(), "-name"), Is.EqualTo(cursor));
    }

    [TestCase("")]
    [TestCase("x")]
    [TestCase("!!!")]
    [TestCase("bnVsbA")]
    public void Decode_WhenTextIsMalformed_NamesTheField(string text) =>
        Assert.That(() => Cursor.Decode(text, "name"), Throws.TypeOf<InvalidInputException>().With.Property("Errors").ContainKey("cursor"));

    [Test]
    public void Decode_WhenSortDiffers_Throws() =>
        Assert.That(() => Cursor.Decode(new Cursor("name", "a", Guid.NewGuid()).Encode(), "-name"), Throws.TypeOf<InvalidInputException>());

    private sealed class Node(Node? next)
    {
        public Node? Next { get; } = next;
    }

    private sealed class NodeDto
    {
        public NodeDto? Next { get; set; }
    }
}
