using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Wombat.Domain.Members;
using Wombat.Domain.Projects;
using Wombat.Domain.Sessions;
using Wombat.Domain.Tokens;
using Wombat.Domain.Users;

namespace Wombat.Infrastructure.Persistence.Configurations;

internal sealed class UserConfiguration : IEntityTypeConfiguration<User>
{
    public void Configure(EntityTypeBuilder<User> builder)
    {
        builder.ToTable(
            "users",
            t =>
            {
                t.HasCheckConstraint("ck_users_login", $"login ~ '{User.LoginPattern}'");
                t.HasCheckConstraint("ck_users_platform_role", "platform_role in ('none', 'admin')");
            }
        );
        builder.HasKey(u => u.Id).HasName("pk_users");
        builder.Property(u => u.Id).ValueGeneratedNever();
        builder.Property(u => u.Login).HasMaxLength(User.LoginMax);
        builder.Property(u => u.Email).HasMaxLength(User.EmailMax);
        builder.Property(u => u.FullName).HasMaxLength(User.FullNameMax);
        builder.Property(u => u.PasswordHash).HasMaxLength(255);
        builder.Property(u => u.Version).IsConcurrencyToken();
        builder.HasIndex(u => u.Login).IsUnique().HasDatabaseName("ux_users_login");
    }
}

internal sealed class SshKeyConfiguration : IEntityTypeConfiguration<SshKey>
{
    public void Configure(EntityTypeBuilder<SshKey> builder)
    {
        builder.ToTable("ssh_keys");
        builder.HasKey(k => k.Id).HasName("pk_ssh_keys");
        builder.Property(k => k.Id).ValueGeneratedNever();
        builder.Property(k => k.Name).HasMaxLength(SshKey.NameMax);
        builder.Property(k => k.Type).HasMaxLength(64);
        builder.Property(k => k.Fingerprint).HasMaxLength(64);

        // Not unique over all users, otherwise the first user to register a public key would own it, and others could find out who has it.
        builder.HasIndex(k => new { k.UserId, k.Fingerprint }).IsUnique().HasDatabaseName("ux_ssh_keys_user_fingerprint");
        builder.HasIndex(k => new { k.UserId, k.Id }).HasDatabaseName("ix_ssh_keys_user");
        builder
            .HasOne<User>()
            .WithMany()
            .HasForeignKey(k => k.UserId)
            .HasConstraintName("fk_ssh_keys_user")
            .OnDelete(DeleteBehavior.Restrict);
    }
}

internal sealed class MemberConfiguration : IEntityTypeConfiguration<Member>
{
    public void Configure(EntityTypeBuilder<Member> builder)
    {
        builder.ToTable("members", t => t.HasCheckConstraint("ck_members_role", "role in ('viewer', 'developer', 'project_manager')"));

        // The order of a user's project list.
        builder.HasKey(m => new { m.UserId, m.ProjectId }).HasName("pk_members");
        builder.Property(m => m.Source).HasMaxLength(63);
        builder.HasIndex(m => m.ProjectId).HasDatabaseName("ix_members_project");
        builder
            .HasOne<User>()
            .WithMany()
            .HasForeignKey(m => m.UserId)
            .HasConstraintName("fk_members_user")
            .OnDelete(DeleteBehavior.Restrict);
        builder
            .HasOne<Project>()
            .WithMany()
            .HasForeignKey(m => m.ProjectId)
            .HasConstraintName("fk_members_project")
            .OnDelete(DeleteBehavior.Cascade);
    }
}

internal sealed class AccessTokenConfiguration : IEntityTypeConfiguration<AccessToken>
{
    public void Configure(EntityTypeBuilder<AccessToken> builder)
    {
        builder.ToTable("access_tokens", t => t.HasCheckConstraint("ck_access_tokens_scope", "scope in ('read', 'operate', 'manage')"));
        builder.HasKey(t => t.Id).HasName("pk_access_tokens");
        builder.Property(t => t.Id).ValueGeneratedNever();
        builder.Property(t => t.Name).HasMaxLength(AccessToken.NameMax);
        builder.Property(t => t.CreatedBy).HasMaxLength(255);
        builder.HasIndex(t => t.Hash).IsUnique().HasDatabaseName("ux_access_tokens_hash");
        builder.HasIndex(t => new { t.UserId, t.Id }).HasFilter("user_id is not null").HasDatabaseName("ix_access_tokens_user");
        builder.HasIndex(t => t.MakerId).HasFilter("maker_id is not null").HasDatabaseName("ix_access_tokens_maker");
        builder.HasIndex(t => new { t.ProjectId, t.Id }).HasFilter("project_id is not null").HasDatabaseName("ix_access_tokens_project");
        builder
            .HasOne<User>()
            .WithMany()
            .HasForeignKey(t => t.UserId)
            .HasConstraintName("fk_access_tokens_user")
            .OnDelete(DeleteBehavior.Restrict);
        builder
            .HasOne<Project>()
            .WithMany()
            .HasForeignKey(t => t.ProjectId)
            .HasConstraintName("fk_access_tokens_project")
            .OnDelete(DeleteBehavior.Restrict);
    }
}

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
