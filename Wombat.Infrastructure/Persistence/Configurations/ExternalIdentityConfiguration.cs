using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Wombat.Domain.Users;

namespace Wombat.Infrastructure.Persistence.Configurations;

internal sealed class ExternalIdentityConfiguration : IEntityTypeConfiguration<ExternalIdentity>
{
    public void Configure(EntityTypeBuilder<ExternalIdentity> builder)
    {
        builder.ToTable("identities");
        builder.HasKey(i => new { i.Issuer, i.Subject }).HasName("pk_identities");
        builder.Property(i => i.Issuer).HasMaxLength(ExternalIdentity.IssuerMax);
        builder.Property(i => i.Subject).HasMaxLength(ExternalIdentity.SubjectMax);
        builder.HasIndex(i => i.UserId).HasDatabaseName("ix_identities_user");
        builder
            .HasOne<User>()
            .WithMany()
            .HasForeignKey(i => i.UserId)
            .HasConstraintName("fk_identities_user")
            .OnDelete(DeleteBehavior.Restrict);
    }
}
