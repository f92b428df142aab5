using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Wombat.Domain.Resources;

namespace Wombat.Infrastructure.Persistence.Configurations;

/// <summary>
/// Maps the entity of a resource kind. The spec is JSON in the column that all kinds share, so a kind needs a migration only
/// for columns of its own.
/// </summary>
/// <param name="kind">The name of the kind.</param>
public abstract class ResourceKindConfiguration<TResource, TSpec>(string kind) : IEntityTypeConfiguration<TResource>
    where TResource : ResourceWithSpec<TSpec>
    where TSpec : class
{
    public virtual void Configure(EntityTypeBuilder<TResource> builder)
    {
        builder.HasBaseType<Resource>();
        builder.Metadata.SetDiscriminatorValue(kind);
        builder.Property(r => r.Spec).HasJsonConversion().HasColumnName("spec").IsRequired();
    }
}
