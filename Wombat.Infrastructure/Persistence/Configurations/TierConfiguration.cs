using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Wombat.Domain.Tiers;

namespace Wombat.Infrastructure.Persistence.Configurations;

internal sealed class TierConfiguration : IEntityTypeConfiguration<Tier>
{
    public void Configure(EntityTypeBuilder<Tier> builder)
    {
        builder.ToTable("tiers");
        builder.HasKey(t => t.Name).HasName("pk_tiers");
        builder.Property(t => t.Name).HasMaxLength(Tier.NameMax);
        builder.Property(t => t.Description).HasMaxLength(Tier.DescriptionMax);
        builder.Property(t => t.Plugin).HasMaxLength(63);
        builder.Property(t => t.Spec).HasJsonConversion().IsRequired();
        builder.Property(t => t.Version).IsConcurrencyToken();
    }
}
