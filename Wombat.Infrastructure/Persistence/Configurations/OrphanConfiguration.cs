using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Wombat.Domain.Orphans;
using Wombat.Domain.Resources;

namespace Wombat.Infrastructure.Persistence.Configurations;

internal sealed class OrphanConfiguration : IEntityTypeConfiguration<Orphan>
{
    public void Configure(EntityTypeBuilder<Orphan> builder)
    {
        builder.ToTable("orphans");
        builder.HasKey(o => o.Id).HasName("pk_orphans");
        builder.Property(o => o.Id).ValueGeneratedNever();
        builder.Property(o => o.Plugin).HasMaxLength(63);
        builder.Property(o => o.HostName).HasMaxLength(HostIdentity.NameMax);
        builder.Property(o => o.ExternalId).HasMaxLength(Resource.ExternalIdMax);
        builder.Property(o => o.Name).HasMaxLength(Resource.ExternalIdMax);
        builder.Property(o => o.Spec).HasJsonConversion().IsRequired();
        builder.Ignore(o => o.ExternalKey).Ignore(o => o.Reference);
    }
}
