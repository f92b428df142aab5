using AutoMapper;
using AutoMapper.Internal;

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

    private sealed class Node(Node? next)
    {
        public Node? Next { get; } = next;
    }

    private sealed class NodeDto
    {
        public NodeDto? Next { get; set; }
    }
}
