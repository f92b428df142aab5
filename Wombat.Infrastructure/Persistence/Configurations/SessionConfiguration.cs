using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Wombat.Domain.Sessions;
using Wombat.Domain.Users;

namespace Wombat.Infrastructure.Persistence.Configurations;

internal sealed class SessionConfiguration : IEntityTypeConfiguration<Session>
{
    public void Configure(EntityTypeBuilder<Session> builder)
    {
        builder.ToTable("sessions");
        builder.HasKey(s => s.Id).HasName("pk_sessions");
        builder.Property(s => s.Id).ValueGeneratedNever();
        builder.Property(s => s.Address).HasMaxLength(64);
        builder.Property(s => s.UserAgent).HasMaxLength(Session.AgentMax);
        builder.Property(s => s.Issuer).HasMaxLength(ExternalIdentity.IssuerMax);
        builder.Property(s => s.ProviderSession).HasMaxLength(ExternalIdentity.SubjectMax);
        builder.HasIndex(s => s.RefreshAt).HasFilter("refresh_at is not null").HasDatabaseName("ix_sessions_refresh_at");
        builder.HasIndex(s => s.Hash).IsUnique().HasDatabaseName("ux_sessions_hash");
        builder.HasIndex(s => new { s.UserId, s.Id }).HasDatabaseName("ix_sessions_user");
        builder
            .HasOne<User>()
            .WithMany()
            .HasForeignKey(s => s.UserId)
            .HasConstraintName("fk_sessions_user")
            .OnDelete(DeleteBehavior.Restrict);
    }
}
